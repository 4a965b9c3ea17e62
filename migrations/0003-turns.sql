-- What persist keeps of requests. The id is the one that llmr minted for the request, so that an event that comes twice
-- makes no second row; the correlation id is the client's label and may repeat.
--
-- Content is json and not jsonb: a model's text may hold the escape \u0000, which jsonb refuses.

create table llmr.turn (
  request_id text primary key,
  correlation_id text not null,
  principal text not null,
  conversation text,
  kind text not null,
  requested_model text,
  input json not null,
  started_at timestamptz not null,
  expires_at timestamptz not null
);

create index turn_principal on llmr.turn (principal, started_at);
create index turn_correlation on llmr.turn (principal, correlation_id);
create index turn_expires_at on llmr.turn (expires_at);

create table llmr.reply (
  request_id text primary key references llmr.turn on delete cascade,
  model text,
  backend text,
  outcome text not null check (outcome in ('complete', 'stopped', 'failed')),
  finish_reason text,
  output json not null,
  prompt_tokens integer,
  cached_tokens integer,
  completion_tokens integer,
  finished_at timestamptz not null
);

create table llmr.tool_call (
  request_id text not null references llmr.turn on delete cascade,
  position integer not null,
  principal text not null,
  call_id text not null,
  name text not null,
  arguments text not null,
  primary key (request_id, position)
);

create index tool_call_id on llmr.tool_call (principal, call_id);

create table llmr.lineage (
  request_id text primary key,
  correlation_id text not null,
  principal text not null,
  operation text not null,
  model text,
  backend text,
  status integer not null,
  started_at timestamptz not null,
  duration_ms integer not null,
  facts json not null,
  expires_at timestamptz not null
);

create index lineage_correlation on llmr.lineage (principal, correlation_id);
create index lineage_expires_at on llmr.lineage (expires_at);
