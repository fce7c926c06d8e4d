-- Which agents have found pages of a frame key blank, and when last.
create table blank_vote (
  tenant text    not null,
  key    text    not null, -- as in page_verdict
  agent  text    not null,
  at     integer not null, -- nanoseconds since 1970
  primary key (tenant, key, agent)
) without rowid;
