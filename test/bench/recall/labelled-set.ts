import { seededRandom } from '../../../src/sim/seeded-random.ts'

/** One long conversation, and what is asked of it at its end. */
export interface LabelledConversation {
  readonly rounds: readonly { readonly user: string; readonly reply: string }[]
  readonly questions: readonly LabelledQuestion[]
}

export interface LabelledQuestion {
  readonly text: string
  /** `direct`: in the words of the evidence. `paraphrase`: one word in common. `follow-up`: what is asked for was said in
   * the rounds behind the one that names it. `misspelled`: as direct, with a slip or two in its rarest words. */
  readonly kind: 'direct' | 'paraphrase' | 'follow-up' | 'misspelled'
  /** Places of the rounds in which the answer stands. */
  readonly evidence: readonly number[]
}

/**
 * Conversations about a person's affairs, made from templates: a subject comes up, is talked about for some rounds without
 * being named again, and other subjects share its people, places and words. The same seed makes the same set.
 */
export function labelledSet({ seed, conversations }: { seed: number; conversations: number }): LabelledConversation[] {
  const random = seededRandom(seed)
  return Array.from({ length: conversations }, () => conversation(random))
}

type Random = () => number

function conversation(random: Random): LabelledConversation {
  const rounds: { user: string; reply: string }[] = []
  const questions: LabelledQuestion[] = []
  const people = shuffled(names, random).slice(0, 6)
  for (const subject of shuffled(subjects, random)) {
    const slots = {
      person: pick(people, random),
      place: pick(places, random),
      number: String(20 + Math.floor(random() * 900)),
    }
    const at = rounds.length
    rounds.push({ user: filled(subject.opening, slots), reply: pick(replies, random) })
    for (const line of subject.details) rounds.push({ user: filled(line, slots), reply: pick(replies, random) })
    questions.push(
      { kind: 'direct', text: filled(subject.direct, slots), evidence: [at] },
      { kind: 'paraphrase', text: filled(subject.paraphrase, slots), evidence: [at] },
      {
        kind: 'follow-up',
        text: filled(subject.followUp, slots),
        evidence: subject.details.map((_, step) => at + 1 + step),
      },
    )
    for (let talk = 0; talk < 3; talk++) {
      const other = {
        person: pick(people, random),
        place: pick(places, random),
        number: String(Math.floor(random() * 900)),
      }
      rounds.push({ user: filled(pick(chatter, random), other), reply: pick(replies, random) })
    }
  }
  return { rounds, questions }
}

function filled(template: string, slots: Readonly<Record<string, string>>): string {
  return template.replaceAll(/\{(\w+)\}/g, (_, name: string) => slots[name] ?? '')
}

function pick<Item>(items: readonly Item[], random: Random): Item {
  const item = items[Math.floor(random() * items.length)]
  if (item === undefined) throw new Error('nothing to pick from')
  return item
}

function shuffled<Item>(items: readonly Item[], random: Random): readonly Item[] {
  return items
    .map((item) => ({ item, by: random() }))
    .toSorted((one, other) => one.by - other.by)
    .map(({ item }) => item)
}

const names = ['Aino', 'Bela', 'Chidi', 'Dana', 'Emre', 'Fiona', 'Goran', 'Hana', 'Ines', 'Jonas', 'Kemal', 'Lea']
const places = ['Turku', 'Graz', 'Leeds', 'Lyon', 'Porto', 'Brno', 'Ghent', 'Bari']

interface Subject {
  readonly opening: string
  readonly details: readonly string[]
  readonly direct: string
  readonly paraphrase: string
  readonly followUp: string
}

const subjects: readonly Subject[] = [
  {
    opening: 'My landlord {person} wants to raise the rent of the flat in {place}.',
    details: ['It was 640 until now and would be {number} from May on.', 'The letter came without a signature.'],
    direct: 'Which landlord wants to raise the rent?',
    paraphrase: 'Who owns the flat that I live in?',
    followUp: 'How much would the rent of the flat be after the raise?',
  },
  {
    opening: 'The boiler in the cellar makes a humming noise since {person} was here.',
    details: [
      'It begins at night, about {number} minutes after the heating starts.',
      'Tapping on the valve stops it for an hour.',
    ],
    direct: 'When did the boiler begin to make a noise?',
    paraphrase: 'What was wrong with the heating down in the cellar?',
    followUp: 'What stops the boiler from humming?',
  },
  {
    opening: 'I am planning a birthday party for {person} in {place}.',
    details: ['There will be {number} guests, four of them vegan.', 'Nobody may bring balloons because of the dog.'],
    direct: 'Whose birthday party am I planning?',
    paraphrase: 'What celebration did I want to organise for {person}?',
    followUp: 'How many guests come to the birthday party?',
  },
  {
    opening: 'Our nightly backup fails with exit code {number} on the old server.',
    details: ['Only the volume with the photos is affected.', 'A second run by hand always goes through.'],
    direct: 'With which exit code does the backup fail?',
    paraphrase: 'What happened to our copies of the data on the old server?',
    followUp: 'Which volume is affected by the backup failure?',
  },
  {
    opening: 'I started to learn the cello with a teacher called {person}.',
    details: ['Lessons are on Thursdays and cost {number} a month.', 'The left hand hurts after half an hour.'],
    direct: 'Which teacher do I learn the cello with?',
    paraphrase: 'Which instrument am I taking up?',
    followUp: 'On which day are the cello lessons?',
  },
  {
    opening: 'The insurance refuses to pay for the bicycle that was stolen in {place}.',
    details: ['They say the lock was worth less than {number}.', 'The police report is from the day after.'],
    direct: 'Which bicycle does the insurance refuse to pay for?',
    paraphrase: 'What of mine did a thief take, so that I wrote to the insurance?',
    followUp: 'What does the insurance say about the bicycle lock?',
  },
  {
    opening: 'My sourdough does not rise since I use the rye flour from {place}.',
    details: ['It stands {number} minutes at the window.', 'The crust cracks on one side only.'],
    direct: 'Since when does the sourdough not rise?',
    paraphrase: 'Which flour spoils my bread?',
    followUp: 'Where does the sourdough stand, and for how long?',
  },
  {
    opening: 'I applied for a position as a librarian at the university of {place}.',
    details: ['The interview is with {person}, in room {number}.', 'They asked for a certificate that I have lost.'],
    direct: 'For which position did I apply at the university?',
    paraphrase: 'What job as a librarian do I hope to get?',
    followUp: 'Who holds the interview for the librarian position?',
  },
  {
    opening: 'Please help me with a parser in Rust that chokes on nested comments.',
    details: [
      'It loses its way after {number} levels.',
      'The lexer treats a slash as the start of a regular expression.',
    ],
    direct: 'On what does the Rust parser choke?',
    paraphrase: 'Which program of mine cannot read nested notes in the source?',
    followUp: 'What does the lexer of the parser do wrong?',
  },
  {
    opening: 'My daughter is allergic to peanuts, and the school in {place} knows nothing of it.',
    details: ['Her doctor {person} wrote a plan of two pages.', 'The kit in her bag expires in {number} days.'],
    direct: 'To what is my daughter allergic?',
    paraphrase: 'What must my daughter never eat?',
    followUp: 'Which doctor wrote the allergy plan for the school?',
  },
  {
    opening: 'The tomatoes on the balcony get brown spots on their lower leaves.',
    details: ['I water them with {number} millilitres every evening.', 'Neighbour {person} thinks it is a fungus.'],
    direct: 'Where do the tomatoes get brown spots?',
    paraphrase: 'Which plants of mine on the balcony are ill?',
    followUp: 'How much do I water the tomatoes?',
  },
  {
    opening: 'I want to travel from {place} to Tbilisi by train, without flying.',
    details: [
      'The sleeper leaves at {number} past the hour on Fridays.',
      '{person} would come along as far as the border.',
    ],
    direct: 'How do I want to travel to Tbilisi?',
    paraphrase: 'What trip by train did I have in mind?',
    followUp: 'When does the sleeper of the train journey leave?',
  },
]

const chatter = [
  'Thanks, that helps a lot.',
  '{person} says hello from {place}.',
  'Can you put that into one sentence?',
  'It rained in {place} the whole day, so I stayed in and read {number} pages.',
  'What is the capital of Mongolia?',
  'Write a short poem about the server room.',
  'How do I spell the name {person} in Greek?',
  'I paid {number} for lunch with {person} today, which is a lot for a sandwich.',
  'Translate this into French: the school is closed on Friday.',
  'Which train station is the oldest in {place}?',
  'The doctor was late again, I waited {number} minutes.',
  'Give me three names for a cat.',
  'Is it going to be cold in {place} on the weekend?',
  'The letter from the university came today, only advertising.',
  'My back hurts after {number} minutes at the desk, what can I do?',
  'Tell me something about bread in {place}.',
]

const replies = [
  'Understood. Tell me more when you know more.',
  'That happens more often than one thinks; let us go through it step by step.',
  'Noted. I would wait a day and look at it again.',
  'Good. Shall I write that down as a list?',
  'I see. There are two ways to go on from here, and both take some time.',
  'Thank you, that is clear now.',
]
