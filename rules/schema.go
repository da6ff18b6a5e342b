package rules

import _ "embed"

//go:embed schema.json
var schema string

// Schema returns the JSON Schema (draft 2020-12) of a file that With reads. It knows
// a file by itself: whether a row that another one names exists, only With knows.
func Schema() []byte { return []byte(schema) }
