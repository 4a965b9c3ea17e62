-- What workers make of conversations. All of it can be made anew, and goes with what it was made of.

-- Vectors of rounds. They are compared only within one model and length, and only inside one conversation or one
-- principal, so the search is exact: an index for nearest neighbours would find too few once a filter is put on it.
create table llmr.embedding (
  request_id text not null references llmr.chat_pair on delete cascade,
  model text not null,
  dimensions integer not null check (dimensions >= 1),
  -- Of the text that it is the vector of, so that the same text is not asked for again.
  content_sha bytea not null check (octet_length(content_sha) = 32),
  conversation uuid not null,
  depth integer not null,
  -- Of length 1. No fixed number of dimensions: which one it is, is a setting.
  vector halfvec not null,
  primary key (request_id, model)
);

create index embedding_conversation on llmr.embedding (conversation, depth);
create index embedding_content on llmr.embedding (content_sha, model);

-- Summaries of stretches of a path, known by the last reply in them: branches that part later share them.
create table llmr.summary (
  upto_reply bigint not null references llmr.reply on delete cascade,
  -- 1: of rounds; others: of summaries of the level below.
  level smallint not null check (level >= 1),
  tenant text not null,
  principal text not null,
  conversation uuid not null references llmr.conversation on delete cascade,
  -- The rounds that it tells, both ends included.
  from_depth integer not null,
  upto_depth integer not null,
  -- Of the words that the model was asked with, and of what it was shown: else it is stale.
  prompt_version integer not null,
  source bytea not null check (octet_length(source) = 32),
  model text not null,
  text text not null,
  tokens integer not null,
  created_at timestamptz not null default now(),
  primary key (upto_reply, level)
);

create index summary_conversation on llmr.summary (conversation);
