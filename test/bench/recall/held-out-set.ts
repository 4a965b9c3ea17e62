import type { LabelledConversation, LabelledQuestion } from './labelled-set.ts'

/** What one conversation is held in. */
export const languages = ['English', 'German', 'French', 'Chinese', 'code'] as const

export type Language = (typeof languages)[number]

export interface HeldOutConversation extends LabelledConversation {
  readonly language: Language
}

/**
 * Conversations that the ranking was not made with: other affairs, other languages, code, and questions with misspelled words.
 * Each fact is named once, gone on about in a round without its name, and stands among facts of the same kind.
 */
export function heldOutSet(): readonly HeldOutConversation[] {
  return languages.map((language) => conversationIn(language))
}

interface Fact {
  /** What is said of it first. */
  readonly said: string
  readonly later: string
  /** In its own words. */
  readonly asked: string
  /** In other words: one or two in common. */
  readonly rephrased: string
  /** Absent where letters are not spelled. */
  readonly misspelled?: string
}

function conversationIn(language: Language): HeldOutConversation {
  const { facts, small, reply } = material[language]
  const rounds: { user: string; reply: string }[] = []
  const questions: LabelledQuestion[] = []
  for (const [number, { said, later, asked, rephrased, misspelled }] of facts.entries()) {
    const at = rounds.length
    rounds.push({ user: said, reply }, { user: later, reply })
    for (const step of [0, 1]) rounds.push({ user: small[(2 * number + step) % small.length] ?? '', reply })
    questions.push(
      { kind: 'direct', text: asked, evidence: [at] },
      { kind: 'paraphrase', text: rephrased, evidence: [at] },
      ...(misspelled === undefined ? [] : [{ kind: 'misspelled', text: misspelled, evidence: [at] } as const]),
    )
  }
  return { language, rounds, questions }
}

interface Material {
  readonly facts: readonly Fact[]
  /** Talk about nothing in particular. */
  readonly small: readonly string[]
  readonly reply: string
}

const fact = (said: string, later: string, asked: string, rephrased: string, misspelled?: string): Fact => ({
  said,
  later,
  asked,
  rephrased,
  ...(misspelled !== undefined && { misspelled }),
})

const material: Readonly<Record<Language, Material>> = {
  English: {
    reply: 'Thanks for telling me, I will keep it in mind.',
    small: [
      'Shorten that to two lines.',
      'What does serendipity mean?',
      'Rewrite the last paragraph in a friendlier tone.',
      'How many feet are in a mile?',
      'Suggest a title for a talk about gardens.',
      'My neighbour asked for the same recipe yesterday.',
      'List five rivers in Asia.',
    ],
    facts: [
      fact(
        'The marathon in Lisbon is on the ninth of October, and I signed up.',
        'My knee still clicks on stairs.',
        'When is the marathon in Lisbon?',
        'On which day do I run the race in Portugal, in Lisbon?',
        'When is the marathn in Lisbn?',
      ),
      fact(
        'Our rabbit Clover refuses hay since we moved the hutch.',
        'She only nibbles the dried herbs.',
        'Since when does Clover refuse hay?',
        'Why is the rabbit not eating?',
        'Since when does Clovr refuse hay, our rabit?',
      ),
      fact(
        'The accountant wants receipts above forty euros by the third of March.',
        'I have mailed most of them already.',
        'By when does the accountant want the receipts?',
        'What is the deadline for my tax person, and the receipts?',
        'By when does the acountant want the reciepts?',
      ),
      fact(
        'I keep the spare key under the third flowerpot on the terrace.',
        'Only my sister knows.',
        'Where do I keep the spare key?',
        'Where is the key hidden outside?',
        'Where do I keep the spare kee, under which flowrpot?',
      ),
      fact(
        'For the kitchen wall we chose the paint Harbour Mist, two litres.',
        'The corner behind the fridge is damp.',
        'Which paint did we choose for the kitchen wall?',
        'What colour will the kitchen get?',
        'Which paint did we chose for the kichen wall?',
      ),
      fact(
        'The telescope I ordered from Osaka is held at customs.',
        'They ask for an invoice in yen.',
        'Where is the telescope held?',
        'What happened to the parcel from Osaka?',
        'Where is the telescpe that I orderd held?',
      ),
      fact(
        'Grandfather spent the winter of 1956 as a lighthouse keeper.',
        'He wrote letters home every Sunday.',
        'When was grandfather a lighthouse keeper?',
        'What did my grandfather do for work?',
        'When was granfather a lighthous keeper?',
      ),
      fact(
        'The choir rehearses Fauré in the old fire station on Mondays.',
        'We are short of tenors.',
        'Where does the choir rehearse Fauré?',
        'In what building do we sing on Mondays?',
        'Where does the choir reherse Faure?',
      ),
    ],
  },
  German: {
    reply: 'Danke, das merke ich mir.',
    small: [
      'Fasse das in zwei Sätzen zusammen.',
      'Was heißt das auf Spanisch?',
      'Schreib den letzten Absatz freundlicher.',
      'Wie viele Tage hat der Februar?',
      'Nenne mir fünf Flüsse in Asien.',
      'Mein Nachbar hat gestern dasselbe gefragt.',
      'Wie wird das Wetter in Bremen?',
    ],
    facts: [
      fact(
        'Die Heizung im Schrebergarten stelle ich immer auf vierzehn Grad.',
        'Nachts friert es dort leicht.',
        'Auf wie viel Grad stelle ich die Heizung im Schrebergarten?',
        'Welche Temperatur hat es in meinem Garten, im Schrebergarten?',
        'Auf wie viel Grad stelle ich die Heitzung im Schrebergaten?',
      ),
      fact(
        'Unsere Katze Mimi bekommt ihre Tabletten morgens mit Leberwurst.',
        'Ohne das spuckt sie alles aus.',
        'Womit bekommt die Katze Mimi ihre Tabletten?',
        'Wie gebe ich Mimi ihre Medizin?',
        'Womit bekommt Mimmi ihre Tabletten?',
      ),
      fact(
        'Der Handwerker Yıldız kommt am Dienstag wegen des Rohrbruchs.',
        'Das Wasser ist so lange abgestellt.',
        'Wann kommt der Handwerker wegen des Rohrbruchs?',
        'An welchem Tag wird das kaputte Rohr repariert, wann kommt Yıldız?',
        'Wann kommt der Handwercker wegen des Rohrbruches?',
      ),
      fact(
        'Meine Tochter lernt Waldhorn bei einer Lehrerin in Göttingen.',
        'Sie übt am liebsten im Keller.',
        'Bei wem lernt meine Tochter Waldhorn?',
        'Welches Instrument spielt meine Tochter?',
        'Bei wem lernt meine Tocher Waldhorn?',
      ),
      fact(
        'Das Passwort des Druckers steht auf einem Zettel in der Schublade.',
        'Der Toner ist fast leer.',
        'Wo steht das Passwort des Druckers?',
        'Wo finde ich den Zugang zum Drucker, den Zettel?',
        'Wo steht das Pasword des Druckers?',
      ),
      fact(
        'Für die Hochzeit von Jule backe ich drei Kirschtorten.',
        'Eine davon ohne Nüsse.',
        'Wie viele Kirschtorten backe ich für die Hochzeit?',
        'Was bringe ich Jule zur Feier mit?',
        'Wie viele Kirschtorten backe ich für die Hochzeit von Julle?',
      ),
      fact(
        'Die Prüfung in Thermodynamik habe ich mit einer Vier bestanden.',
        'Strömungslehre kommt im Herbst.',
        'Mit welcher Note habe ich die Prüfung in Thermodynamik bestanden?',
        'Wie lief mein Examen in Thermodynamik?',
        'Mit welcher Note habe ich Termodynamik bestanden?',
      ),
      fact(
        'Im Stadtarchiv liegt ein Brief meines Urgroßvaters aus Breslau.',
        'Die Tinte ist kaum noch zu lesen.',
        'Wo liegt der Brief meines Urgroßvaters?',
        'Welches Schriftstück stammt aus Breslau?',
        'Wo liegt der Brief meines Urgrosvaters aus Bresslau?',
      ),
    ],
  },
  French: {
    reply: "Merci, j'en prends note.",
    small: [
      'Résume cela en deux phrases.',
      'Comment dit-on cela en italien ?',
      'Écris le dernier paragraphe plus poliment.',
      'Combien de jours a le mois de février ?',
      'Cite cinq fleuves en Asie.',
      'Mon voisin a posé la même question hier.',
      'Quel temps fera-t-il à Rennes ?',
    ],
    facts: [
      fact(
        "La clé de la cave est accrochée derrière l'horloge.",
        'Personne ne la trouve jamais.',
        'Où est accrochée la clé de la cave ?',
        'Comment ouvrir la cave ?',
        'Où est acrochée la clef de la cavve ?',
      ),
      fact(
        'Mon chien Pruneau est allergique au poulet.',
        'Il se gratte toute la nuit.',
        'À quoi mon chien Pruneau est-il allergique ?',
        'Que ne faut-il pas donner à manger à Pruneau ?',
        'À quoi mon chien Pruno est-il alergique ?',
      ),
      fact(
        'Le plombier viendra jeudi pour la fuite sous le lavabo.',
        "J'ai mis un seau en attendant.",
        'Quand viendra le plombier pour la fuite ?',
        'Quel jour répare-t-on le lavabo ?',
        'Quand viendra le plonbier pour la fuitte sous le lavabo ?',
      ),
      fact(
        'Ma sœur étudie la vigne à Montpellier depuis deux ans.',
        'Elle revient à Noël.',
        'Depuis quand ma sœur étudie-t-elle la vigne ?',
        'Dans quelle ville vit ma sœur ?',
        'Depuis quand ma soeur étudie-t-elle la vigne à Monpellier ?',
      ),
      fact(
        "J'ai prêté la perceuse à Bernard au mois de juin.",
        "Il ne l'a pas rendue.",
        'À qui ai-je prêté la perceuse ?',
        "Quel outil manque dans l'atelier, celui de Bernard ?",
        'À qui ai-je prété la perseuse ?',
      ),
      fact(
        'Le concours de pétanque commence à neuf heures devant la mairie.',
        'Il faut apporter ses boules.',
        'À quelle heure commence le concours de pétanque ?',
        'Où se retrouve-t-on pour jouer à la pétanque ?',
        'À quelle heure commence le concour de petanque ?',
      ),
      fact(
        "L'assurance rembourse la moitié des lunettes de Camille.",
        'Le reste est à payer avant mardi.',
        "Combien l'assurance rembourse-t-elle des lunettes ?",
        'Qui paie les verres de Camille ?',
        "Combien l'asurance rembourse-t-elle des lunetes de Camille ?",
      ),
      fact(
        'Le manuscrit est refusé par la maison Gallet, sans explication.',
        "J'essaierai ailleurs au printemps.",
        'Par quelle maison le manuscrit est-il refusé ?',
        'Quel éditeur ne veut pas de mon livre, Gallet ?',
        'Par quelle maison le manuscrip est-il refusé ?',
      ),
    ],
  },
  Chinese: {
    reply: '好的，我记住了。',
    small: [
      '请把这段话缩短成两句。',
      '这个词用英语怎么说？',
      '把最后一段写得更有礼貌。',
      '二月有几天？',
      '请列出亚洲的五条河流。',
      '邻居昨天也问了同样的问题。',
      '明天会下雨吗？',
    ],
    facts: [
      fact('我的猫叫米索，今年四岁了。', '它最喜欢睡在窗台上。', '我的猫叫什么名字？', '家里的宠物米索几岁？'),
      fact(
        '房东说从五月开始房租涨到三千二百元。',
        '我还没有回复他。',
        '房租从什么时候开始涨？',
        '以后每个月要付给房东多少钱？',
      ),
      fact('我对花生过敏，吃了会起疹子。', '医生给我开了一支药膏。', '我对什么过敏？', '有什么食物会让我过敏起疹子？'),
      fact('姐姐在成都的大学教物理。', '她每个夏天回来一次。', '姐姐在哪里教物理？', '姐姐的工作是什么？'),
      fact('备用钥匙放在阳台第三个花盆下面。', '只有妈妈知道。', '备用钥匙放在哪里？', '没带钥匙的时候怎么进门？'),
      fact('星期四下午三点水管工来修厨房的水管。', '现在先用水桶接着。', '水管工什么时候来？', '厨房漏水哪天修好？'),
      fact('爷爷年轻的时候在灯塔工作过两年。', '他常常写信回家。', '爷爷在哪里工作过？', '爷爷以前做过什么？'),
      fact(
        '我报名了十月九号的北京马拉松。',
        '膝盖有一点疼。',
        '北京马拉松是哪一天？',
        '我要参加的跑步比赛马拉松在几号？',
      ),
    ],
  },
  code: {
    reply: 'Done; run the tests again and show me what they say.',
    small: [
      'Run the linter.',
      'The tests pass now.',
      'Please use single quotes here.',
      'Add a comment there.',
      'git status shows nothing.',
      'Show me the diff.',
      'Bump the version to 2.4.1.',
    ],
    facts: [
      fact(
        'parseDuration in src/time/parse.ts returns NaN for "1h30".',
        'The regular expression wants a unit at the end.',
        'What does parseDuration return for "1h30"?',
        'Which function fails on hours, the one in parse.ts?',
        'What does parseDuraton in src/time/parse.ts return?',
      ),
      fact(
        'The flag --max-old-space-size has to be 6144 on the build machine.',
        'Otherwise webpack is killed.',
        'What must --max-old-space-size be on the build machine?',
        'How much memory does the build get?',
        'What must --max-old-space-sze be on the biuld machine?',
      ),
      fact(
        'user_sessions needs an index on (tenant_id, expires_at).',
        'The nightly purge takes eleven minutes.',
        'Which index does user_sessions need?',
        'On what columns do I speed up the purge of expires_at?',
        'Which index does user_session need on expires_at?',
      ),
      fact(
        'We catch ECONNRESET in HttpClient.send and try again twice.',
        'The balancer cuts idle sockets.',
        'Where do we catch ECONNRESET?',
        'What does HttpClient do when the connection drops?',
        'Where do we catch ECONRESET in HttpClient.send?',
      ),
      fact(
        'The Dockerfile pins python:3.12-slim because of libpq.',
        'Alpine had no wheel.',
        'Why does the Dockerfile pin python:3.12-slim?',
        'Which base image of Python do we use because of libpq?',
        'Why does the Dokerfile pin python:3.12-slim?',
      ),
      fact(
        'useDebounce keeps its timer in a ref, not in state.',
        'State would render twice.',
        'Where does useDebounce keep its timer?',
        'How is the timer of the hook stored?',
        'Where does useDebouce keep its timer?',
      ),
      fact(
        'Migration 0042_add_currency must run before the price import.',
        'The column has no default.',
        'Before what must 0042_add_currency run?',
        'Which schema change comes before the price data?',
        'Before what must 0042_add_curency run, the import?',
      ),
      fact(
        'The feature toggle checkout.v2 is on for five percent of Canada.',
        'Ramp up after the audit.',
        'For whom is checkout.v2 on?',
        'How many Canadian users get the new checkout?',
        'For whom is chekout.v2 on in Canada?',
      ),
    ],
  },
}
