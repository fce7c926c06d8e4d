-- What is known of pages before they pop: whether they may be framed. key is
-- origin and path template; what is not looked at any more is dropped.
create table page_verdict (
  tenant  text    not null,
  key     text    not null,
  verdict text    not null, -- allowed, refused or unknown
  reason  text    not null,
  cure    text    not null,
  hop     text    not null, -- origin of the answer that decided
  details text    not null, -- JSON
  checked integer not null, -- nanoseconds since 1970
  primary key (tenant, key)
) without rowid;
