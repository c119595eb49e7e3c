/** The whole name of a thing of ours in the database, quoted: `at('record')` is `"public"."pair_record"`. */
export type Names = (name: string) => string
