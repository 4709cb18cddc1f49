package config

import (
	"fmt"
	"io"
	"os"
	"strings"

	"go.yaml.in/yaml/v3"

	"parlor/internal/spelling"
)

// Load reads the settings: defaults, then the YAML file if one is named, then the
// environment, a list of NAME=value, then flags (by setting name). The error says which
// setting of which source is wrong.
func Load(file string, environ []string, flags map[string]string) (Config, error) {
	c := Default()
	named, env, err := fromEnvironment(environ)
	if err != nil {
		return c, err
	}
	if file == "" {
		file = named
	}
	if file != "" {
		values, err := readFile(file)
		if err != nil {
			return c, err
		}
		if err := c.apply("in "+file, values); err != nil {
			return c, err
		}
	}
	if err := c.apply("in the environment", env); err != nil {
		return c, err
	}
	if err := c.apply("in the flags", flags); err != nil {
		return c, err
	}
	return c, c.Validate()
}

func (c *Config) apply(where string, values map[string]string) error {
	for _, s := range Settings() {
		v, ok := values[s.Name]
		if !ok {
			continue
		}
		if err := s.set(c, v); err != nil {
			return fmt.Errorf("%s %s: %w", s.Name, where, err)
		}
	}
	return nil
}

// readFile reads a YAML mapping of setting names to plain values. A name that is no
// setting is an error: it is most likely a typing mistake.
func readFile(file string) (map[string]string, error) {
	b, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("config: %w", err)
	}
	values := map[string]string{}
	if err := yaml.Unmarshal(b, &values); err != nil {
		return nil, fmt.Errorf("config %s: want lines of the form \"name: value\": %w", file, err)
	}
	known := map[string]bool{}
	var names []string
	for _, s := range Settings() {
		known[s.Name] = true
		names = append(names, s.Name)
	}
	for name := range values {
		if meant := spelling.Closest(name, names); !known[name] && meant != "" {
			return nil, fmt.Errorf("config %s: there is no setting %q; did you mean %s?", file, name, meant)
		}
		if !known[name] {
			return nil, fmt.Errorf("config %s: there is no setting %q; there are %s", file, name, strings.Join(names, ", "))
		}
	}
	return values, nil
}

// Print writes the settings as YAML that Load reads, with secrets masked.
func (c Config) Print(w io.Writer) error {
	for _, s := range Settings() {
		line, err := yaml.Marshal(map[string]string{s.Name: s.show(c)})
		if err != nil {
			return err
		}
		if _, err := fmt.Fprintf(w, "# %s (%s)\n%s", s.Help, s.Env(), line); err != nil {
			return err
		}
	}
	return nil
}
