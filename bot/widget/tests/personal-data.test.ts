import assert from "node:assert/strict";
import { test } from "node:test";
import { find, remove } from "../src/personal-data.ts";

const kinds = (text: string): string[] => find(text).map(({ kind, start, end }) => `${kind}:${text.slice(start, end)}`);

for (const [text, expected] of [
  ["Write to jane.doe@example.org please", "email:jane.doe@example.org"],
  ["написать на иван@пример.рф", "email:иван@пример.рф"],
  ["my number is +41 22 555 01 23", "phone:+41 22 555 01 23"],
  ["call 0041-22-555 0123", "phone:0041-22-555 0123"],
  ["mobile: 079 123 45 67", "phone:079 123 45 67"],
  ["mon téléphone est le 06 12 34 56 78", "phone:06 12 34 56 78"],
  ["mi teléfono es 612 345 678", "phone:612 345 678"],
  ["мой телефон 8 (495) 123-45-67", "phone:8 (495) 123-45-67"],
  ["رقم هاتفي ٠٥٥١٢٣٤٥٦٧", "phone:٠٥٥١٢٣٤٥٦٧"],
  ["我的手机是13812345678", "phone:13812345678"],
  ["passport X1234567", "passport:X1234567"],
  ["numéro de passeport : 12AB34567", "passport:12AB34567"],
  ["mon passeport 123456789", "passport:123456789"],
  ["护照号码E12345678", "passport:E12345678"],
  ["паспорт 45 12 345678", "passport:45 12 345678"],
  ["card 4111 1111 1111 1111 exp", "card:4111 1111 1111 1111"],
  ["I live at 12 Baker Street", "postal:12 Baker Street"],
  ["j'habite 14 bis rue de la Paix", "postal:14 bis rue de la Paix"],
  ["vivo en calle Mayor 23", "postal:calle Mayor 23"],
  ["ул. Ленина, д. 5", "postal:ул. Ленина, д. 5"],
  ["شارع الحمرا، رقم 12", "postal:شارع الحمرا، رقم 12"],
  ["我住在中山路12号", "postal:我住在中山路12号"],
  ["carte 5500-0000-0000-0004", "card:5500-0000-0000-0004"],
] as const) {
  test(`finds personal data: ${text}`, () => assert.equal(kinds(text).join(), expected));
}

for (const text of [
  "What happened in 2020, 2021 and 2022?",
  "between 2020-2021 and 2022-2023",
  "document A/62/8 and WO/GA/54/13",
  "WO/PBC/34/INF/1 of 2021-10-08",
  "PCT/IB2020/055555 and EP20201234567",
  "20.12.2021, 1/10/2020 and 2021-10-04T10:00:00",
  "a budget of 1 234 567 890 Swiss francs",
  "CHF 15,500,000.00 over 24 months",
  "ISBN 978-92-805-3213-1",
  "4111 1111 1111 1112 is no card number",
  "0000 0000 0000 0000",
  "arbiter.mail@wipo.int",
  "vaccine passports since 2021",
  "Is the telephone service open in 2022?",
  "call me when the 2021 report of 20 March is out",
  "1000+ participants from 193 states, 24/7",
  "34, chemin des Colombettes",
  "20 routes and 3 places in the course",
  "COVID-19, SARS-CoV-2, Research4Life",
  "https://www.wipo.int/edocs/mdocs/govbody/en/wo_pbc_34/wo_pbc_34_inf_1.pdf",
]) {
  test(`lets pass: ${text}`, () => assert.deepEqual(kinds(text), []));
}

test("takes all of it out and leaves the rest", () => {
  const text = "I am a@b.org, +41 22 555 01 23. Who may apply?";
  assert.equal(remove(text, find(text), "[…]"), "I am […], […]. Who may apply?");
});

test("a very long text is looked through at once", () => {
  const began = performance.now();
  for (const text of ["1".repeat(5000), "a".repeat(5000), "1 ".repeat(2500), "passport ".repeat(500), "+1(".repeat(1500)]) find(text);
  assert.ok(performance.now() - began < 1000);
});
