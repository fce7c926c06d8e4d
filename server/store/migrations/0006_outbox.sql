-- What leaves the server by itself. letter and attempt are only ever appended
-- to, as event, frame and step are (0001), and numbered like them; outbox
-- follows from their rows.

-- A web request that an event has made. It is appended with its pop.
create table letter (
  n       integer primary key,
  tenant  text    not null,
  pop     text    not null,
  request text    not null,
  agent   text    not null,
  host    text    not null, -- with its port, unless that is its scheme's own
  at      integer not null,
  until   integer not null, -- how long it is tried
  body    text    not null  -- JSON: all of it but the values of its secrets
);

-- What was done about a letter.
create table attempt (
  n        integer primary key,
  tenant   text    not null,
  pop      text    not null,
  at       integer not null,
  state    text    not null, -- queued, sending, sent, failed or missed
  attempts integer not null, -- how many were made by then
  due      integer not null, -- of a queued one: when it goes out
  until    integer not null,
  status   integer not null, -- of the answer, 0 for none
  took     integer not null, -- nanoseconds
  size     integer not null, -- of the answer's body, as far as it was read
  why      text    not null  -- in words, '' where all is well
);

-- Where each letter stands; n is the row that holds it.
create table outbox (
  tenant   text    not null,
  pop      text    not null,
  request  text    not null,
  host     text    not null,
  n        integer not null,
  at       integer,
  state    text,
  attempts integer,
  due      integer,
  until    integer,
  status   integer,
  took     integer,
  size     integer,
  why      text,
  primary key (tenant, pop)
) without rowid;
create index outbox_due on outbox (due) where state in ('queued', 'sending');
create index outbox_n on outbox (tenant, n);
create index outbox_state on outbox (tenant, state, n);
create index outbox_request on outbox (tenant, request);

-- What web requests may hold and nobody may read. sealed is encrypted with a key
-- that is not in the database.
create table tenant_secret (
  tenant text    not null,
  name   text    not null,
  host   text    not null, -- the one that it may be sent to
  sealed blob    not null,
  author text    not null,
  at     integer not null,
  primary key (tenant, name)
) without rowid;

-- What a tenant's web requests are signed with; before is what they were signed
-- with before, which is used beside it until a time.
create table signing_key (
  tenant text    not null primary key,
  sealed blob    not null,
  at     integer not null,
  before blob    not null, -- '' for none
  until  integer not null
) without rowid;
