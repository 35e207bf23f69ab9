import { describe, expect, it } from '@jest/globals';
import { tellingIn } from './plain-writing.js';

const kinds = (text: string): readonly string[] => [...new Set(tellingIn(text).map(({ kind }) => kind))];

/** What people write to each other, in eight languages: nothing in it leads anywhere by itself. */
const ORDINARY = [
  'Dear Bob, the meeting is on Monday at 10:00 in room 4B. Best regards, Emma', 'We agreed on 1,250.00 EUR for 12 units, e.g. as in offer no. 7.', 'Please see report-2024.pdf and notes.txt (v2).', "It's fine: I'd say yes — don't worry!", 'Is it 3:30 p.m. or 15:30? I am at a U.K. site.', 'The U.S. team (5 people) meets 2024-05-15 10:00-11:30.',
  'Order PO-7046 arrived; line 2 differs from our order.', 'Costs rose by 3.5% in Q1/2024, i.e. 12k.', 'Thanks a lot :-) See you! 🙂👍🏽', 'To do: 1. call the hotel 2. book 3. pay', 'He said: "Why not?" and left.', 'A/B test, and/or C; 24/7 support', 'Section 4.2.1 is about taxes.', 'My son is 7 and I am 41, so we go at 8.',
  'Sehr geehrte Frau Müller, die Rechnung über 1.250,00 € ist bezahlt.', 'Das Treffen findet am 15.05.2024 um 10:30 Uhr statt.', 'Bitte prüfen Sie z. B. die Straßenbahnhaltestelle und d. h. alles.', 'Wir grüßen Sie herzlich aus Köln.', 'Die Kraftfahrzeughaftpflichtversicherung ist fällig.',
  "Bonjour, l'équipe se réunit demain à 9h30 à l'hôtel.", 'Où est-ce qu’on va ? Ça coûte 12,50 €.', 'Voici le résumé du rapport : tout va bien.', 'Merci beaucoup, à bientôt !',
  '¿Puedes enviarme el informe? ¡Gracias!', 'La reunión será el 3 de mayo a las 10:00.', 'El niño comió piñones en la montaña.', 'El precio es de 1.200,50 euros más IVA.',
  'Ciao, la riunione è alle 15:00 in città.', "Perché no? L'ufficio è aperto.", 'Il prezzo è di 30 euro.', 'Reunião amanhã às 9h; não se atrase.', 'O relatório está pronto, obrigado.', 'São Paulo fica longe.',
  'De vergadering is om 10.00 uur.', 'Zou je het rapport kunnen sturen?', "'s Ochtends werk ik thuis.",
  'Здравствуйте, встреча в понедельник в 10:00.', 'Счёт на 1 250 рублей оплачен.', 'Спасибо за письмо, Анна.', 'Мы используем Kubernetes и Postgres.', 'Отчёт готов, см. файл отчет.pdf',
  'Γεια σας, η συνάντηση είναι αύριο.', '会議は月曜日の10時です。よろしくお願いします。', '我们星期一上午十点开会，谢谢。', '회의는 월요일 오전 10시입니다. 감사합니다.', 'مرحبا، الاجتماع يوم الاثنين الساعة العاشرة.', 'شرکت می‌خواهد گزارش را ببیند.', 'बैठक सोमवार को सुबह दस बजे है। क्‍या आप आएँगे?',
];

/** Ways of telling a reader, or a program, where to go. */
const TELLING: readonly (readonly [string, string])[] = [
  ['Log in at evil.example now', 'address'], ['see https:\\\\evil.example\\x', 'address'], ['[x](//evil.example)', 'address'], ['see 198.51.100.7:8080/x', 'address'], ['see 198.51.100.7', 'address'], ['DM @evil_admin on chat', 'address'], ['go to evil.example/a', 'address'],
  ['write to thief (at) evil (dot) example', 'words that spell'], ['thief at evil dot example', 'words that spell'], ['call five five five, one two one two', 'words that spell'], ['echo victor india lima dot echo', 'words that spell'],
  ['call +1 900 555 0199 now', 'code'], ['send to 1BoatSLRHtKNngkdXEeobR76b53LETtpyT', 'code'], ['transfer to US133000000121212121212', 'code'], ['account 5512-9912-7781', 'code'], ['68747470733a2f2f6576696c2e6578616d706c652f78', 'code'], ['NB2HI4DTHIXS6ZLWNFWC4ZLYMFWXA3DFF54A====', 'code'],
  ['&#104;&#116;&#116;&#112;', 'address'], ['\\u0068\\u0074\\u0074\\u0070', 'address'], ['%68%74%74%70', 'address'], [btoa('go to evil.example'), 'encoded text'],
  ['s e e e v i l e x a m p l e', 'letters written apart'], ['ev il .e xa mp le go th er e no w', 'letters written apart'], ['e......v......i......l......e......x......a......m', 'letters written apart'], ['e.v.i.l.e.x.a.m.p.l.e', 'letters written apart'],
  ['see раypal', 'look-alike letters'], ['see раура and pay', 'look-alike letters'], ['see evil.\u0261ood', 'look-alike letters'], ['see e\u200bvil', 'hidden characters'], ['a\ufe0fb\ufe0fc', 'hidden characters'], ['a\u{e0100}b', 'hidden characters'], ['a\u3164b', 'hidden characters'], ['a\u2800b', 'hidden characters'], ['a\u034fb', 'hidden characters'], ['a\ue000b', 'hidden characters'], ['漢\u200b字', 'hidden characters'],
];

describe('plain writing', () => {
  it.each(ORDINARY)('has nothing in it that has to come from somewhere: %s', (text) => {
    expect(tellingIn(text)).toEqual([]);
  });

  it.each(TELLING)('is not "%s": %s', (text, kind) => {
    expect(kinds(text)).toContain(kind);
  });

  it('is told from other writing in time linear in its length', () => {
    for (const text of ['a'.repeat(100_000), 'a '.repeat(50_000), 'a.'.repeat(50_000), '1 '.repeat(50_000), 'x@'.repeat(50_000), 'one '.repeat(25_000), '(at) '.repeat(20_000), '\u200b'.repeat(100_000), 'A1'.repeat(50_000)]) expect(tellingIn(text).length).toBeLessThanOrEqual(17);
  });
});
