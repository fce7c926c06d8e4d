-- The record. Three tables are only ever appended to: event, frame and step.
-- n numbers their rows in one row of numbers, in the order of the commits.
-- Everything that has been acknowledged stands in them.
--
-- The tables after them say where things stand now. They follow: the rows with
-- n up to record.settled are in them, later ones are not yet. Whoever reads has
-- them brought up first (settle.go); opening the database does the same.

-- What was reported, and what was decided on it.
create table event (
  n         integer primary key,
  tenant    text    not null,
  source    text    not null,
  id        text    not null,
  request   text    not null,
  prev      integer not null, -- the request's event before this one, 0 for its first
  agents    text    not null, -- JSON: whose copies of the request it changed
  unmapped  text    not null, -- the alias that nobody has, or ''
  pops      integer not null, -- how many it made
  at        integer not null, -- nanoseconds since 1970, as every at here
  body      text    not null, -- JSON: the event as it came
  decisions text    not null  -- JSON: every popup looked at, and why it popped or not
);

-- The agents' streams.
create table frame (
  n       integer primary key,
  tenant  text    not null,
  agent   text    not null,
  seq     integer not null, -- 1, 2, 3 … for each agent, without a hole
  kind    text    not null, -- request and pop for the first of a copy or pop, then request again, pop again; withdraw
  request text    not null,
  pop     text    not null,
  event   integer not null, -- n of the event that caused it, 0 for an agent's or the server's act
  at      integer not null,
  body    text    not null, -- JSON of the request or of the pop as planned; '' for pop again; the reason of a withdraw
  state   text    not null, -- of the request or pop
  once    text    not null, -- of a pop's first frame: it is unique for request and agent
  claimed text    not null, -- of a pop's first frame: the tab that may open it by itself
  expires integer not null  -- of a pop's first frame: when it is missed, 0 for never
);

-- What became of pops: receipts (state is what was reported) and claims
-- (state is ''). now, detail and claimed are the pop's from then on.
create table step (
  n        integer primary key,
  tenant   text    not null,
  pop      text    not null,
  id       text    not null,
  state    text    not null,
  reported text    not null, -- the receipt's own detail
  build    text    not null,
  at       integer not null,
  now      text    not null,
  detail   text    not null,
  claimed  text    not null
);

-- Which events are known: what came twice is found here.
create table event_key (
  tenant text    not null,
  source text    not null,
  id     text    not null,
  n      integer not null,
  primary key (tenant, source, id)
) without rowid;

-- How far each agent's stream is. Frames up to floor are gone; the agent's
-- workspace has everything up to acked.
create table inbox (
  tenant text    not null,
  agent  text    not null,
  head   integer,
  floor  integer not null,
  acked  integer not null,
  primary key (tenant, agent)
) without rowid;

-- Where each frame of a stream is.
create table stream (
  tenant text    not null,
  agent  text    not null,
  seq    integer not null,
  n      integer not null,
  primary key (tenant, agent, seq)
) without rowid;

-- A request has one copy for each agent who has or had it; n is the frame that
-- holds the newest. The row of agent '' is no copy: it stands for events that
-- changed none.
create table request (
  tenant text    not null,
  id     text    not null,
  agent  text    not null,
  first  integer not null, -- n of the copy's first frame
  n      integer,
  event  integer,          -- n of its newest event
  open   integer,          -- 0 once closed
  primary key (tenant, id, agent)
) without rowid;
create index request_open on request (tenant, agent) where open;

-- Where each pop stands; n is the frame that holds it as planned.
create table pop (
  tenant  text    not null,
  id      text    not null,
  request text    not null,
  agent   text    not null,
  once    text    not null,
  n       integer not null,
  seq     integer not null,
  state   text,
  detail  text, -- null until its first step
  claimed text,
  expires integer not null,
  primary key (tenant, id)
) without rowid;
create unique index pop_once on pop (tenant, request, agent, once);
create index pop_due on pop (expires) where state in ('pending', 'delivered') and expires > 0;

-- The receipts of each pop.
create table receipt (
  tenant text    not null,
  pop    text    not null,
  id     text    not null,
  n      integer not null,
  primary key (tenant, pop, id)
) without rowid;

-- Aliases that events named and no user had.
create table unmapped (
  tenant  text    not null,
  alias   text    not null,
  source  text    not null,
  events  integer,
  first   integer not null,
  last    integer,
  request text,
  primary key (tenant, alias, source)
) without rowid;

-- One row: the number that clients see change when the record is another one,
-- how far the tables that follow have come, and the last probe of Ready.
create table record (
  epoch   integer not null,
  settled integer not null,
  probed  integer not null
);
