/** What a preview's warning says where certificates that nobody in the world trusts are served to the world. */
export const privateOutsideLab =
  "an authority of the stack's own issues the certificates of a server outside a lab";
