/** What a preview's warning says where nobody could ask the engine; a review looks for it. */
export const unaskedEngine = "the engine could not be asked";
