-- Who and what a tenant has.

create table tenant (
  id     text not null primary key,
  name   text not null,
  region text not null,
  hosts  text not null -- JSON
) without rowid;

create table user_group (
  tenant text not null,
  id     text not null,
  name   text not null,
  primary key (tenant, id)
) without rowid;

create table person (
  tenant   text not null,
  id       text not null,
  email    text not null,
  mail_key text not null, -- the address in lower case
  name     text not null,
  role     text not null,
  grp      text not null,
  aliases  text not null, -- JSON, as they were written
  password text not null,
  primary key (tenant, id)
) without rowid;
create unique index person_mail on person (mail_key);

-- In lower case; the user's e-mail address always is one.
create table alias (
  tenant text not null,
  alias  text not null,
  person text not null,
  primary key (tenant, alias)
) without rowid;
create index alias_person on alias (tenant, person);

create table source (
  tenant  text not null,
  id      text not null,
  name    text not null,
  dialect text not null,
  token   text not null, -- '' for none
  primary key (tenant, id)
) without rowid;
create unique index source_token on source (token) where token <> '';

create table api_key (
  tenant  text    not null,
  id      text    not null,
  source  text    not null,
  name    text    not null,
  scopes  text    not null, -- JSON
  hash    blob    not null,
  created integer not null,
  primary key (tenant, id)
) without rowid;
create unique index api_key_id on api_key (id);

create table login (
  tenant  text    not null,
  hash    blob    not null,
  person  text    not null,
  created integer not null,
  seen    integer not null,
  primary key (hash)
) without rowid;
create index login_person on login (tenant, person);

create table revision (
  tenant   text    not null,
  level    text    not null,
  level_id text    not null,
  revision integer not null,
  document text    not null,
  author   text    not null,
  note     text    not null,
  at       integer not null,
  primary key (tenant, level, level_id, revision)
) without rowid;

create table active (
  tenant   text    not null,
  level    text    not null,
  level_id text    not null,
  revision integer not null,
  primary key (tenant, level, level_id)
) without rowid;
