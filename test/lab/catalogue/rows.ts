/** Whether a row of a review has this id, in which `*` stands for any text. */
export function isRow(id: string, row: string): boolean {
  const parts = row.split("*").map((part) => part.replaceAll(/[.+?^${}()|[\]\\/]/g, "\\$&"));
  return new RegExp(`^${parts.join(".*")}$`).test(id);
}

/** Whether one row of a review may have both of these ids, in each of which `*` stands for any text. */
export function mayBeOne(row: string, other: string): boolean {
  if (row === "" && other === "") return true;
  if (row.startsWith("*"))
    return mayBeOne(row.slice(1), other) || (other !== "" && mayBeOne(row, other.slice(1)));
  if (other.startsWith("*")) return mayBeOne(other, row);
  return row !== "" && row[0] === other[0] && mayBeOne(row.slice(1), other.slice(1));
}
