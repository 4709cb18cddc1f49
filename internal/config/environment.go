package config

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"parlor/internal/spelling"
)

const (
	prefix     = "PARLOR_"
	configFile = prefix + "CONFIG" // names the YAML file
)

// serviceLink is a variable that Kubernetes sets in every pod beside a service that is
// named parlor, or parlor-something.
var serviceLink = regexp.MustCompile(`^PARLOR_([A-Z0-9_]+_)?(SERVICE_HOST|SERVICE_PORT(_[A-Z0-9_]+)?|PORT(_[0-9]+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)?)$`)

// fromEnvironment finds the settings among variables of the form NAME=value, and the
// settings file. An empty variable counts as not set. A name that begins as ours do and is
// none is an error: it is most likely a typing mistake, and the server would run with
// another setting than was meant.
func fromEnvironment(environ []string) (file string, values map[string]string, err error) {
	names := map[string]string{} // of settings, by variable
	known := []string{configFile}
	for _, s := range Settings() {
		names[s.Env()] = s.Name
		known = append(known, s.Env())
	}
	values = map[string]string{}
	for _, variable := range environ {
		name, value, _ := strings.Cut(variable, "=")
		switch {
		case !strings.HasPrefix(name, prefix) || serviceLink.MatchString(name):
		case !slices.Contains(known, name):
			return "", nil, unknownVariable(name, known)
		case value == "":
		case name == configFile:
			file = value
		default:
			values[names[name]] = value
		}
	}
	return file, values, nil
}

func unknownVariable(name string, known []string) error {
	if meant := spelling.Closest(name, known); meant != "" {
		return fmt.Errorf("the environment has %s, which is no setting; did you mean %s?", name, meant)
	}
	return fmt.Errorf("the environment has %s, which is no setting; there are %s", name, strings.Join(known, ", "))
}
