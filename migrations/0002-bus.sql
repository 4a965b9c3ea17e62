-- The table queue: events, who is to get them, and what could not be worked on. The number of an event is no cursor, since
-- numbers are given before they are committed; that is why each delivery is a row of its own.

create table llmr.bus_event (
  number bigint generated always as identity primary key,
  id text not null unique,
  subject text not null,
  headers json not null,
  body json not null,
  published_at timestamptz not null default now()
);

create index bus_event_published_at on llmr.bus_event (published_at);

create table llmr.bus_consumer (
  name text primary key,
  subjects text[] not null,
  created_at timestamptz not null default now()
);

create table llmr.bus_delivery (
  consumer text not null references llmr.bus_consumer on delete cascade,
  event bigint not null references llmr.bus_event,
  attempts integer not null default 0,
  visible_at timestamptz not null default now(),
  claim uuid,
  primary key (consumer, event)
);

create index bus_delivery_visible on llmr.bus_delivery (consumer, visible_at, event);
create index bus_delivery_event on llmr.bus_delivery (event);

create table llmr.dead_letter (
  number bigint generated always as identity primary key,
  consumer text not null,
  id text not null,
  subject text not null,
  headers json not null,
  body json not null,
  reason text not null,
  attempts integer not null,
  published_at timestamptz not null,
  buried_at timestamptz not null default now()
);
