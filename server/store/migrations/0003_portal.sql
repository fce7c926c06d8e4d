-- What the portal looks at: who changed what, requests by what one remembers of
-- them, how long pops took, and try-outs.

-- What held for the event's agents at that instant, JSON: their connections and
-- the revisions that counted; '' for none. It is read with the trace only.
alter table event add column seen text not null default '';

-- Events of agents nobody knew, to be taken up again once somebody does.
create index event_unmapped on event (tenant, unmapped, n) where unmapped <> '';

-- Who changed what. Rows are only ever added.
create table audit (
  n      integer primary key,
  tenant text    not null,
  at     integer not null,
  actor  text    not null, -- e-mail address, or the name of a key
  action text    not null, -- "user.change"
  object text    not null, -- "user anna"
  before text    not null, -- in short; '' for nothing
  after  text    not null
);
create index audit_tenant on audit (tenant, n);
create index audit_at on audit (tenant, at);

-- Requests as the list of them shows them, a row each. It follows the record
-- like the tables of 0001, but further behind: whoever searches has it brought
-- up first (sought.go).
create table sought (
  tenant    text    not null,
  id        text    not null,
  at        integer not null, -- when the request was first known
  channel   text    not null,
  direction text    not null,
  agent     text    not null, -- who has it now
  caller    text    not null, -- the name, or what else names the contact
  anum      text    not null,
  name      text    not null,
  queue     text    not null,
  state     text    not null,
  outcome   text    not null,
  keys      text    not null, -- JSON: its keys in sought_by
  primary key (tenant, id)
) without rowid;
create index sought_at on sought (tenant, at, id);

-- By which key a request is found: 'a:' agent, 'o:' outcome, 'i:' its id, 'c:' a
-- word or number of the caller, all in lower case.
create table sought_by (
  tenant text    not null,
  key    text    not null,
  at     integer not null,
  id     text    not null,
  primary key (tenant, key, at, id)
) without rowid;

-- How long pops took from the event's receipt until the page was shown, those
-- that were shown in their time.
create table shown (
  tenant text    not null,
  pop    text    not null,
  at     integer not null, -- when it was shown
  took   integer not null, -- nanoseconds
  primary key (tenant, pop)
) without rowid;
create index shown_at on shown (tenant, at, took);

-- How far the three tables before have come.
create table sought_upto (n integer not null);
insert into sought_upto values (0);

-- A revision that one group tries before all have it: the group's own revision
-- "revision" is it, and "before" is what the group had.
create table stage (
  tenant   text    not null,
  grp      text    not null,
  revision integer not null,
  before   integer not null,
  origin   integer not null, -- the tenant's revision, 0 for a draft
  author   text    not null,
  note     text    not null,
  at       integer not null,
  primary key (tenant, grp)
) without rowid;

-- The states of the test console that links lead to.
create table test_link (
  tenant  text    not null,
  id      text    not null,
  state   text    not null, -- JSON
  author  text    not null,
  at      integer not null,
  expires integer not null, -- until when it may pop
  popped  integer not null, -- when it did, 0 for not yet
  primary key (tenant, id)
) without rowid;
create index test_link_at on test_link (at);

-- What the server signs with, made when it is first needed.
create table secret (
  name  text not null primary key,
  value blob not null
) without rowid;
