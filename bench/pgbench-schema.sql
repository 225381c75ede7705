-- Alike to the service's own tables: the same columns that a command writes, the same indexes.
create sequence mt_events_sequence;
create table mt_streams (
  id varchar primary key, type varchar, version bigint, timestamp timestamptz not null default now(), created timestamptz not null default now(),
  tenant_id varchar default '*DEFAULT*', compacted_version bigint not null default 0, is_archived boolean default false);
create table mt_events (
  seq_id bigint primary key, id uuid not null, stream_id varchar references mt_streams (id) on delete cascade, version bigint not null, data jsonb not null,
  bdata bytea, type varchar(500) not null, timestamp timestamptz not null, tenant_id varchar default '*DEFAULT*', mt_dotnet_type varchar,
  correlation_id varchar, causation_id varchar, headers jsonb, user_name varchar, is_archived boolean default false);
create unique index on mt_events (stream_id, version);
create index on mt_events (timestamp);
create table mt_doc_report (
  id varchar primary key, data jsonb not null, mt_last_modified timestamptz default transaction_timestamp(), mt_version bigint not null default 0, mt_dotnet_type varchar,
  unit_id uuid, period varchar);
create index on mt_doc_report (unit_id);
create index on mt_doc_report (period);
create table mt_doc_receipt (
  id varchar primary key, data jsonb not null, mt_last_modified timestamptz default transaction_timestamp(),
  mt_version uuid not null default gen_random_uuid(), mt_dotnet_type varchar, at timestamptz);
create index on mt_doc_receipt (at);
insert into mt_streams (id, type, version) select 'report/bench-0000000000/00000000-0000-8000-8000-' || lpad(n::text, 12, '0'), 'report', 0 from generate_series(1, :streams) n;
