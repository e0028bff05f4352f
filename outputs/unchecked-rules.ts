/** What a preview's warning says where nobody could compile the rules that are declared; a review looks for it. */
export const uncheckedRules = "declared rules were not compiled";
