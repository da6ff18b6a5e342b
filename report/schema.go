package report

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"strings"
)

//go:embed schema.json
var schema string

//go:embed forecast.schema.json
var forecastSchema string

//go:embed diff.schema.json
var diffSchema string

// Schema returns the JSON Schema (draft 2020-12) of the JSON and YAML formats.
func Schema() []byte { return []byte(schema) }

// ForecastSchema returns the JSON Schema (draft 2020-12) of forecasts as JSON.
func ForecastSchema() []byte {
	return withDefinitions(forecastSchema, "source", "node", "coverage", "finding", "step", "waived", "waiver", "status")
}

// DiffSchema returns the JSON Schema (draft 2020-12) of comparisons as JSON.
func DiffSchema() []byte {
	return withDefinitions(diffSchema, "source", "node", "summary", "firstExpiry", "finding", "step", "connection", "endpoint", "status")
}

// withDefinitions returns a schema with definitions of that of reports beside its own.
func withDefinitions(own string, names ...string) []byte {
	var reports struct {
		Definitions map[string]json.RawMessage `json:"$defs"`
	}
	if err := json.Unmarshal([]byte(schema), &reports); err != nil {
		panic(err) // it is part of the program
	}
	const list = "  \"$defs\": {\n"
	var shared strings.Builder
	for _, name := range names {
		fmt.Fprintf(&shared, "    %q: %s,\n", name, reports.Definitions[name])
	}
	return []byte(strings.Replace(own, list, list+shared.String(), 1))
}
