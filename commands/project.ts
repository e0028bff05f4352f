/** The Pulumi project of this checkout, as Pulumi.yaml names it: it is part of every name on an engine. */
export const project = "maildomain";
