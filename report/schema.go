package report

import _ "embed"

//go:embed schema.json
var schema string

// Schema returns the JSON Schema (draft 2020-12) of the JSON and YAML formats.
func Schema() []byte { return []byte(schema) }
