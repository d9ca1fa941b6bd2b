/** Finds what looks like personal data in a question, before it is sent. */

export type Kind = "email" | "phone" | "passport" | "card" | "postal";

export interface Finding {
  kind: Kind;
  start: number;
  end: number;
}

const EMAIL = /[\p{L}\p{N}._%+-]+@[\p{L}\p{N}-]+(?:\.[\p{L}\p{N}-]+)+/gu;
const CARD = /(?<![\p{L}\p{N}.])\d(?:[ -]?\d){12,18}(?![\p{L}\p{N}])/gu;
/** With its country: +41 22 555 01 23, 0041-22-5550123. */
const INTERNATIONAL = /(?<![\p{L}\p{N}/-])(?:\+|00)[ ]?\(?[1-9](?:[ ().\u00a0\u2011-]{0,2}\d){6,14}(?![\p{N}])/gu;
/** Without: only after a word that says what it is, since document numbers and years look the same. */
const NATIONAL =
  /(?:\b(?:phone|mobile|cell|tel|telephone|whatsapp|call me (?:at|on)|t[ée]l[ée]phone|portable|tel[ée]fono|m[óo]vil|celular)\b|(?<!\p{L})(?:телефон|тел|моб|мобильный|هاتفي|هاتف|الهاتف|رقمي|جوال)(?!\p{L})|电话|手机)[^\d\n]{0,20}(\(?\d(?:[ ().-]{0,2}\d){5,13})(?![\p{N}])/giu;
const PASSPORT =
  /(?:\b(?:passport|passeport|pasaporte|identity card|id card|carte d['’]identité|documento de identidad)\b|(?<!\p{L})(?:паспорт\p{L}{0,2}|جواز|هويتي)(?!\p{L})|护照|身份证)[^\d\n]{0,25}?((?<![a-z\d])(?:(?=(?:[a-z]{0,3}\d){5})[a-z\d]{6,17}|\d{2}(?: ?\d){4,14}))(?![a-z\d])/giu;

/** A street with a number, as the six languages write it. */
const POSTAL = [
  /(?<![\p{L}\p{N}])\d{1,4}[a-z]?,? (?:\p{Lu}[\p{L}'’-]* ){1,3}(?:Street|St|Road|Rd|Avenue|Ave|Lane)(?!\p{L})/gu,
  /(?<![\p{L}\p{N}])\d{1,4}(?: ?bis| ?ter)?,? (?:rue|avenue|boulevard|bd|chemin|(?:place|route|quai) d[eu]) [^\n,.;?]{2,40}/giu,
  /(?<!\p{L})(?:calle|avenida|paseo) [^\n,;?]{2,40}?,? (?:n\.?[º°] ?)?\d{1,3}(?!\d)/giu,
  /(?<!\p{L})(?:ул\.|улица|проспект|пр\.) ?[^\n,;?]{2,40}?,? ?(?:д\.|дом)? ?\d{1,3}(?!\d)/giu,
  /(?<!\p{L})شارع [^\n،,؟]{2,40}?[،,]? (?:رقم )?\d{1,3}(?!\d)/gu,
  /\p{Script=Han}{1,8}(?:路|街|大道)\d{1,5}[号號]/gu,
];

export function find(text: string): Finding[] {
  const plain = withWesternDigits(text);
  const found: Finding[] = [];
  const add = (kind: Kind, start: number, end: number): void => {
    if (!found.some((one) => start < one.end && one.start < end)) found.push({ kind, start, end });
  };
  for (const match of plain.matchAll(EMAIL)) if (!isOfficial(match[0])) add("email", match.index, match.index + match[0].length);
  for (const match of plain.matchAll(CARD)) if (isCard(match[0])) add("card", match.index, match.index + match[0].length);
  for (const match of plain.matchAll(PASSPORT)) addLast("passport", match);
  for (const match of plain.matchAll(INTERNATIONAL)) add("phone", match.index, match.index + match[0].length);
  for (const match of plain.matchAll(NATIONAL)) if (!isDate(match[1]!)) addLast("phone", match);
  for (const street of POSTAL)
    for (const match of plain.matchAll(street)) if (!/colombettes/i.test(match[0])) add("postal", match.index, match.index + match[0].length);
  return found.sort((one, other) => one.start - other.start);

  function addLast(kind: Kind, match: RegExpExecArray): void {
    const end = match.index + match[0].length;
    add(kind, end - match[1]!.length, end);
  }
}

export function remove(text: string, findings: readonly Finding[], instead: string): string {
  let rest = text;
  for (const { start, end } of [...findings].reverse()) rest = rest.slice(0, start) + instead + rest.slice(end);
  return rest;
}

/** A public address of the Organization is nobody's personal data. */
const isOfficial = (address: string): boolean => /@(?:[\w-]+\.)*wipo\.int$/i.test(address);

const isDate = (digits: string): boolean => /^(?:\d{4}-\d{2}-\d{2}|\d{1,2}[.-]\d{1,2}[.-]\d{2,4})$/.test(digits);

/** Card numbers carry a check digit (Luhn) and begin with 2 to 6; one digit repeated is none. */
function isCard(text: string): boolean {
  const digits = text.replace(/\D/g, "");
  if (!/^[2-6]/.test(digits) || /^(\d)\1+$/.test(digits)) return false;
  let sum = 0;
  for (let place = 0; place < digits.length; place++) {
    let digit = Number(digits[digits.length - 1 - place]);
    if (place % 2 === 1) digit = digit > 4 ? digit * 2 - 9 : digit * 2;
    sum += digit;
  }
  return sum % 10 === 0;
}

/** Arabic-Indic and full-width digits and signs as ASCII, each in its place. */
function withWesternDigits(text: string): string {
  return text
    .replace(/[٠-٩۰-۹]/g, (digit) => String(digit.charCodeAt(0) & 0xf))
    .replace(/[\uff01-\uff5e]/g, (sign) => String.fromCharCode(sign.charCodeAt(0) - 0xfee0));
}
