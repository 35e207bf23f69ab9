/** A passage of a made-up company's handbook, and questions that it alone answers. */
export interface KnownAnswer {
  readonly id: string;
  readonly title: string;
  readonly text: string;
  /** Put in other words than the passage uses. */
  readonly paraphrased: readonly string[];
  /** By a code, a name or a number, as people do who know what they look for. */
  readonly named: readonly string[];
}

const entry = (id: string, title: string, text: string, paraphrased: readonly string[], named: readonly string[] = []): KnownAnswer => ({ id, title, text, paraphrased, named });

/**
 * Written for Holdfast, under the licence of the repository. Many passages are near neighbours on purpose: six are about holidays and
 * absence, seven about invoices, six about machines and their codes, so that a ranking has something to confuse.
 */
export const handbook: readonly KnownAnswer[] = [
  entry('annual-leave', 'Annual leave', 'Every employee has thirty days of paid vacation a year. Days that are left expire at the end of March.', ['how many holidays do I get', 'until when can I use up last year\'s days off'], ['vacation expire March']),
  entry('sick-note', 'Illness', 'Whoever is ill tells the team lead before nine in the morning. From the third day on a certificate of a physician is handed in.', ['I have the flu, when must I bring a letter from the doctor', 'calling in sick'], ['certificate physician third day']),
  entry('parental', 'Parental leave', 'Mothers and fathers may stay at home for up to three years after a birth. They announce it seven weeks before.', ['my wife is expecting a baby, how long may I take off'], ['announce seven weeks']),
  entry('care', 'Caring for relatives', 'For a relative who needs care suddenly, ten working days of absence are granted without pay.', ['my mother had a stroke and I must look after her'], ['ten working days absence']),
  entry('sabbatical', 'Sabbatical', 'After five years of service an unpaid break of up to six months may be agreed with the personnel department.', ['I would like to travel the world for half a year and keep my job'], ['five years of service']),
  entry('public-holidays', 'Public holidays', 'On public holidays only the night watch and the cold store are staffed. Their hours are paid double.', ['do I earn more when I work at Christmas'], ['night watch cold store']),
  entry('late-delivery', 'Late deliveries', 'When goods arrive after the agreed date, two percent of the order value is deducted for every full week of delay.', ['the shipment came too late, do we pay less', 'penalty for a supplier who is not punctual'], ['two percent week of delay']),
  entry('short-delivery', 'Short deliveries', 'If fewer pieces arrive than were ordered, only what was counted at the gate is paid for.', ['some of the boxes were missing', 'the quantity received is smaller than on the bill'], ['counted at the gate']),
  entry('duplicate', 'Duplicate invoices', 'The same invoice submitted a second time is not settled again. The sender is referred to the earlier transfer.', ['we have been billed twice for one thing'], ['refer sender earlier transfer']),
  entry('price', 'Price differences', 'A deviation of up to one percent between unit price and purchase order is accepted. Anything above is disputed.', ['they charge more per item than we agreed', 'the vendor raised the cost without telling us'], ['one percent deviation']),
  entry('bank', 'Changed bank details', 'A new account number is never taken from an invoice or e-mail. Call the vendor on the number in our master record.', ['the supplier asks us to send money somewhere else', 'is this request to pay into another account a fraud'], ['master record account number']),
  entry('discount', 'Early payment', 'Where a vendor grants a discount for settling within ten days, it is used whenever the goods are complete.', ['rebate for paying quickly'], ['settling within ten days']),
  entry('approval', 'Approval limits', 'Sums above ten thousand euros need the written consent of the head of finance. Smaller sums are released by the team lead.', ['who signs off a large expense', 'may my boss authorise this purchase alone'], ['ten thousand euros consent']),
  entry('freight', 'Freight', 'Carriage is borne by the supplier unless the order names Incoterm EXW. Pallets are returned within a month.', ['who covers the cost of shipping', 'giving back empty pallets'], ['EXW', 'Incoterm']),
  entry('currency', 'Foreign currencies', 'Bills in dollars or yen are converted at the European Central Bank\'s rate of the day of posting.', ['how do I book an amount that is not in euros'], ['ECB yen rate', 'European Central Bank']),
  entry('train', 'Journeys by train', 'Railway tickets are reimbursed in second class; above four hours first class is allowed.', ['may I sit in the better carriage on a long ride'], ['railway first class four hours']),
  entry('flight', 'Flights', 'Flying below six hours is booked in economy. Short hops of less than 400 kilometres are made by train.', ['can I take business class to Lisbon', 'is it all right to use a plane for a short distance'], ['400 kilometres']),
  entry('hotel', 'Hotels', 'A night may cost up to 130 euros, in capitals 190. Breakfast is deducted from the daily allowance.', ['how much may accommodation be', 'limit for a room in Paris'], ['130 euros', 'breakfast daily allowance']),
  entry('car', 'Private cars', 'Thirty cents are refunded for each kilometre that is driven in one\'s own vehicle on business.', ['fuel money when I drive to a customer myself'], ['thirty cents kilometre']),
  entry('meals', 'Meals with customers', 'Entertaining guests is reimbursed when the names of all who were present stand on the receipt.', ['I took a client out for dinner, what do you need from me'], ['names receipt guests']),
  entry('phone', 'Mobile phones', 'A telephone is given to whoever is on call. Losing it is reported within an hour so that it can be erased.', ['somebody stole my smartphone', 'my work handset is gone'], ['erased within an hour']),
  entry('password', 'Passwords', 'Passphrases have four words. They are changed only when somebody else may have learnt them.', ['how often do I need a new login secret'], ['four words']),
  entry('phishing', 'Suspicious messages', 'A mail that presses for haste or asks for credentials is forwarded to the desk for security and then deleted.', ['I received a weird message with a link, what now'], ['desk for security credentials']),
  entry('laptop', 'Portable computers', 'Disks are encrypted, and the screen is locked whenever its owner leaves the room.', ['may I leave my notebook open while fetching coffee'], ['disks encrypted']),
  entry('backup', 'Backups', 'Databases are copied every night at two and kept for ninety days at the site in Turku.', ['can a table that I dropped last week be brought back'], ['Turku', 'ninety days']),
  entry('vpn', 'Working from elsewhere', 'From outside the office, internal pages are reached through the tunnel named Korppi. It is started with a token.', ['I cannot open the intranet at home', 'connecting remotely'], ['Korppi']),
  entry('printer', 'Printers', 'The printer on the second floor wants cartridge TX-4410. Paper is behind the stairs.', ['where are fresh sheets for copying'], ['TX-4410', 'cartridge second floor']),
  entry('press', 'Hydraulic press', 'Error E-217 of the hydraulic press means that the light curtain is dirty. Wipe it with alcohol, then press reset.', ['the machine refuses to close because of its safety barrier'], ['E-217', 'light curtain']),
  entry('press-oil', 'Oil of the press', 'Error E-271 means that the oil is too warm. Let the press rest for twenty minutes and check the fan.', ['the stamping machine overheats'], ['E-271']),
  entry('oven', 'Annealing oven', 'The annealing oven is heated no faster than five degrees a minute. Faster heating tears the lining VX-80.', ['how quickly may the furnace get hot'], ['VX-80', 'five degrees a minute']),
  entry('crane', 'Crane', 'Loads above two tonnes are lifted by two people, one of whom has the crane licence class B.', ['who is allowed to hoist something heavy'], ['licence class B', 'two tonnes']),
  entry('lathe', 'Lathes', 'At lathes no gloves are worn, and long hair is tied. The chuck key never stays in the chuck.', ['clothing rules at a turning machine'], ['chuck key']),
  entry('forklift', 'Forklifts', 'Forklift trucks drive at walking pace in halls. Batteries are charged at dock seven only.', ['speed limit for vehicles inside the warehouse', 'where to plug in the stacker'], ['dock seven']),
  entry('fire', 'Fire', 'When the siren sounds everybody leaves by the stairs and gathers at the oak. Lifts are not used.', ['there is smoke in the corridor, where should I go'], ['oak siren']),
  entry('firstaid', 'Injuries', 'Plasters and the defibrillator hang at the porter\'s. Each injury is written into the green book.', ['a colleague cut his finger', 'someone\'s heart stopped'], ['green book', 'defibrillator']),
  entry('acid', 'Acids', 'Splashes of acid in the eye are rinsed for fifteen minutes at the blue shower.', ['a corrosive liquid got into my face'], ['blue shower']),
  entry('waste', 'Waste', 'Shavings of brass and steel are collected apart. Oily rags go into the red barrel with a lid.', ['where do I throw away dirty cloths', 'recycling metal scraps'], ['red barrel']),
  entry('plants', 'Office plants', 'The ferns in the lobby are watered on Mondays and Thursdays. Cacti need water once a month.', ['who looks after the greenery', 'flowers at the entrance look dry'], ['ferns lobby']),
  entry('canteen', 'Canteen', 'Lunch is served from half past eleven until two. The vegetarian dish has a green flag.', ['when can I eat at noon', 'food without meat'], ['green flag']),
  entry('parking', 'Parking', 'Visitors leave their cars on the spaces 40 to 55. Bicycles stand under the roof by the gate.', ['a guest arrives by automobile, where does it go', 'somewhere dry for my bike'], ['spaces 40 to 55']),
  entry('dogs', 'Animals', 'Dogs may be brought along on Fridays when nobody in the room objects.', ['can my puppy come to the office'], ['dogs Fridays']),
  entry('keys', 'Keys', 'A lost key is reported to the porter at once. New locks are paid for by the department.', ['I cannot find what opens my office door'], ['new locks department']),
  entry('training', 'Training', 'Each employee has five days of further education a year and chooses the course with the team lead.', ['I want to learn a language during working hours'], ['further education five days']),
  entry('probation', 'Probation', 'The first six months of employment are a trial, in which either side may end it within two weeks.', ['I have just started, how fast could they let me go'], ['trial two weeks']),
  entry('notice', 'Notice', 'After the trial, contracts end three months after notice was given in writing.', ['I would like to quit, how long must I stay'], ['three months notice']),
  entry('salary', 'Pay day', 'Wages are transferred on the twenty-fifth. When that is a Sunday, the Friday before counts.', ['when does my money arrive'], ['twenty-fifth']),
  entry('overtime', 'Overtime', 'Hours beyond forty a week are noted and taken off within a quarter; they are paid only when the works council agrees.', ['I worked too long, do I get extra money or free time'], ['works council forty']),
  entry('gifts', 'Gifts', 'Presents of partners above forty euros are declined with thanks, or given to the raffle.', ['a salesman wants to hand me an expensive watch', 'bribery'], ['raffle']),
  entry('press-office', 'Journalists', 'Questions of newspapers and television go to Ms Aaltonen alone.', ['a reporter called me about the strike', 'talking to the media'], ['Aaltonen']),
  entry('customers-data', 'Data of customers', 'Addresses of customers are deleted three years after the last order, unless a law asks for longer.', ['how long may we keep personal information', 'right to be forgotten'], ['deleted three years']),
  entry('complaints', 'Complaints', 'A complaint is answered within two days, even when nothing is known yet, and gets a number beginning with RKL.', ['an angry buyer wrote to us, how fast must we react'], ['RKL']),
  entry('returns', 'Returns', 'Form QX-7719 is filled in for goods that come back. The refund follows when they were inspected.', ['a purchaser wants to send the article back', 'giving the money back'], ['QX-7719']),
];
