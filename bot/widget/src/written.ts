/** A reply's plain text taken apart for reading: paragraphs, lists, and the addresses in them. Never markup. */

export type Part = string | { text: string; href: string };

export interface Block {
  kind: "paragraph" | "list";
  lines: Part[][];
}

const ADDRESS = /https?:\/\/[^\s<>"'“”«»،。，；）\u2066-\u2069]+|[\w.+-]+@[\w-]+(?:\.[\w-]+)+/gu;
const BULLET = /^\s*[-•–*]\s+/;

export function blocksOf(text: string): Block[] {
  const blocks: Block[] = [];
  for (const line of text.split(/\n+/)) {
    if (!line.trim()) continue;
    const kind = BULLET.test(line) ? "list" : "paragraph";
    const last = blocks.at(-1);
    const parts = linked(line.replace(BULLET, ""));
    if (kind === "list" && last?.kind === "list") last.lines.push(parts);
    else blocks.push({ kind, lines: [parts] });
  }
  return blocks;
}

export function linked(text: string): Part[] {
  const parts: Part[] = [];
  let done = 0;
  for (const match of text.matchAll(ADDRESS)) {
    const shown = match[0].replace(/[.,;:!?)\]}]+$/, "");
    const href = shown.includes("://") ? safeAddress(shown) : `mailto:${shown}`;
    if (!href) continue;
    if (match.index > done) parts.push(text.slice(done, match.index));
    parts.push({ text: shown, href });
    done = match.index + shown.length;
  }
  if (done < text.length) parts.push(text.slice(done));
  return parts;
}

/** The address where it is one of the web; nothing else is ever followed. */
export function safeAddress(address: string): string | null {
  try {
    const url = new URL(address);
    return url.protocol === "https:" || url.protocol === "http:" ? url.href : null;
  } catch {
    return null;
  }
}
