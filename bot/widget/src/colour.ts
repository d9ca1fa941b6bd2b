/** Black or white, whichever is read better on `colour` (#rrggbb): one of both always has a contrast above 4.5. */
export function inkOn(colour: string): "#000" | "#fff" {
  const [r, g, b] = [1, 3, 5].map((at) => {
    const part = parseInt(colour.slice(at, at + 2), 16) / 255;
    return part > 0.04 ? ((part + 0.055) / 1.055) ** 2.4 : part / 12.92;
  }) as [number, number, number];
  return 0.2126 * r + 0.7152 * g + 0.0722 * b > 0.179 ? "#000" : "#fff";
}

export const isColour = (text: string | null | undefined): text is string => /^#[\da-f]{6}$/i.test(text ?? "");
