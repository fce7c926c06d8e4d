-- Programs on agents' PCs, each paired with one agent. What stands here is asked
-- for when a companion connects: it has to sign with the key of its row.
create table companion (
  tenant     text    not null,
  id         text    not null,
  agent      text    not null,
  public_key blob    not null, -- Ed25519
  host       text    not null, -- the PC's name, as the companion says
  os         text    not null,
  os_user    text    not null,
  version    text    not null,
  address    text    not null, -- from where it was last heard of
  created    integer not null,
  seen       integer not null,
  primary key (tenant, id)
) without rowid;
create unique index companion_id on companion (id);
create index companion_agent on companion (tenant, agent);
create index companion_seen on companion (seen);
