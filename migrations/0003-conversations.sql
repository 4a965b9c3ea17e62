-- Conversations as trees of turns. A turn is a user's message under the reply it answers; each request made for it is a
-- reply of its own: another attempt, another model, or a further step of an agent after a tool's result.
--
-- Who a request belongs to is written before its reply begins, what was said comes later by an event: content may be null.
-- Every row carries tenant and principal, and every lookup names both. Below a conversation everything goes with it.
--
-- Content is json and not jsonb: a model's text may hold the escape \u0000, which jsonb refuses. References that go round
-- in a circle are deferrable, for whoever puts a backup back table by table.

create table llmr.conversation (
  id uuid primary key,
  tenant text not null,
  principal text not null,
  -- What said that it is one: `inferred`, or the kind of key that the client sent.
  source text not null,
  -- As the client wrote it; null where it was inferred.
  external_key text,
  -- Whether its client sends the whole conversation each time; null until that is seen.
  sends_history boolean,
  title text,
  created_at timestamptz not null default now(),
  last_at timestamptz not null default now(),
  expires_at timestamptz not null,
  -- Nulls differ: inferred conversations never collide.
  unique (tenant, principal, source, external_key)
);

create index conversation_expires_at on llmr.conversation (expires_at);
create index conversation_principal on llmr.conversation (tenant, principal, last_at desc);

create table llmr.turn (
  id bigint generated always as identity primary key,
  tenant text not null,
  principal text not null,
  conversation uuid not null references llmr.conversation on delete cascade,
  -- The reply it answers; null at the root.
  parent_reply bigint,
  -- Turns from the root to this one; the root is 1.
  depth integer not null check (depth >= 1),
  user_digest bytea not null check (octet_length(user_digest) = 32),
  -- Of all user messages up to this one, keyed by scope.
  chain_hash bytea not null check (octet_length(chain_hash) = 32),
  kind text not null,
  input json,
  tokens integer,
  -- `imported`: it was seen only as the history of a later request.
  origin text not null check (origin in ('live', 'imported')),
  created_at timestamptz not null default now(),
  constraint turn_edge unique nulls not distinct (conversation, parent_reply, user_digest)
);

create index turn_chain on llmr.turn (tenant, principal, chain_hash, id desc);
create index turn_user on llmr.turn (tenant, principal, user_digest, id desc);
create index turn_parent on llmr.turn (parent_reply) where parent_reply is not null;

create table llmr.reply (
  id bigint generated always as identity primary key,
  tenant text not null,
  principal text not null,
  turn bigint not null references llmr.turn on delete cascade deferrable,
  -- The step of the same turn that this one goes on from, where an agent came back with a tool's result.
  continues bigint references llmr.reply on delete set null deferrable,
  -- Minted by llmr, so that what comes twice makes no second row; null for an imported reply.
  request_id text unique,
  correlation_id text,
  status text not null check (status in ('open', 'complete', 'stopped', 'failed')),
  digest bytea,
  -- Of its first 48 characters, for a stream of which the client kept only the beginning.
  prefix_digest bytea,
  -- Characters of the text that the digest is of.
  length integer,
  requested_model text,
  model text,
  backend text,
  finish_reason text,
  -- What a further step of an agent brought along; that of the first is the turn's.
  input json,
  output json,
  prompt_tokens integer,
  cached_tokens integer,
  completion_tokens integer,
  started_at timestamptz not null,
  finished_at timestamptz
);

alter table llmr.turn
  add constraint turn_parent_reply foreign key (parent_reply) references llmr.reply on delete cascade deferrable;

create index reply_turn on llmr.reply (turn);
create index reply_continues on llmr.reply (continues) where continues is not null;
create index reply_correlation on llmr.reply (tenant, principal, correlation_id);
create index reply_digest on llmr.reply (tenant, principal, digest) where length >= 64;
create index reply_prefix on llmr.reply (tenant, principal, prefix_digest) where length >= 64;

-- What a tool gave, as far as it is worth keeping: finished reads of files.
create table llmr.artifact (
  id uuid primary key,
  tenant text not null,
  principal text not null,
  kind text not null,
  uri text not null,
  sha256 bytea not null check (octet_length(sha256) = 32),
  bytes integer not null check (bytes >= 0),
  content text,
  created_at timestamptz not null default now(),
  unique (tenant, principal, uri, sha256)
);

-- Which reply a result belongs to: that of the step that called for it, as far as it is known, else that of the request
-- that brought it. Null until that is in the store, since events come in any order.
create table llmr.artifact_use (
  request_id text not null,
  call_id text not null,
  artifact uuid not null references llmr.artifact on delete cascade,
  reply bigint references llmr.reply on delete cascade,
  primary key (request_id, call_id, artifact)
);

create index artifact_use_reply on llmr.artifact_use (reply);
create index artifact_use_artifact on llmr.artifact_use (artifact);

create table llmr.tool_call (
  reply bigint not null references llmr.reply on delete cascade,
  position integer not null,
  tenant text not null,
  principal text not null,
  call_id text not null,
  name text not null,
  arguments text not null,
  result_artifact uuid references llmr.artifact on delete set null,
  primary key (reply, position)
);

create index tool_call_id on llmr.tool_call (tenant, principal, call_id);
create index tool_call_artifact on llmr.tool_call (result_artifact) where result_artifact is not null;

-- One round, the user's words and the reply to them: what is searched and embedded. Steps in between have none.
create table llmr.chat_pair (
  request_id text primary key,
  correlation_id text,
  reply bigint not null references llmr.reply on delete cascade,
  conversation uuid not null references llmr.conversation on delete cascade,
  depth integer not null,
  tenant text not null,
  principal text not null,
  user_text text not null,
  reply_text text not null,
  -- Of the beginning: a tsvector has a largest size, and refuses what is beyond it.
  ts tsvector generated always as (to_tsvector('simple', left(user_text, 100000) || ' ' || left(reply_text, 100000))) stored,
  created_at timestamptz not null
);

create index chat_pair_reply on llmr.chat_pair (reply);
create index chat_pair_conversation on llmr.chat_pair (conversation, depth);
create index chat_pair_principal on llmr.chat_pair (tenant, principal, created_at);

-- Conversations that were taken away. What is told of them later is not kept: it was on its way when they were forgotten.
create table llmr.forgotten (
  conversation uuid primary key,
  forgotten_at timestamptz not null default now()
);

create index forgotten_at on llmr.forgotten (forgotten_at);

create function llmr.note_forgotten() returns trigger language plpgsql as $$
begin
  insert into llmr.forgotten (conversation) values (old.id) on conflict do nothing;
  return null;
end
$$;

create trigger conversation_forgotten after delete on llmr.conversation
  for each row execute function llmr.note_forgotten();

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
