package bundle

import "strings"

// head is a table's first two lines.
func head(columns ...string) string {
	return tableRow(columns...) + "|" + strings.Repeat(" --- |", len(columns)) + "\n"
}

// tableRow is one line of a table.
func tableRow(cells ...string) string {
	var out strings.Builder
	for _, cell := range cells {
		out.WriteString("| ")
		if cell != "" {
			out.WriteString(strings.ReplaceAll(cell, "|", `\|`) + " ")
		}
	}
	return out.String() + "|\n"
}
