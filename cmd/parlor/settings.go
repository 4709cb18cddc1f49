package main

import (
	"os"

	"parlor/internal/config"
)

// dataFlags say where the data is, for every command that needs it.
type dataFlags struct {
	Config   string  `help:"YAML file with settings." type:"path" placeholder:"FILE"`
	Data     *string `help:"Folder of the embedded database (default ./data)." placeholder:"DIR"`
	Database *string `help:"postgres:// address; without it the embedded database is used." placeholder:"URL"`
}

func (f dataFlags) load(more map[string]*string) (config.Config, error) {
	flags := map[string]string{}
	for name, v := range map[string]*string{"data": f.Data, "database": f.Database} {
		if v != nil {
			flags[name] = *v
		}
	}
	for name, v := range more {
		if v != nil {
			flags[name] = *v
		}
	}
	return config.Load(f.Config, os.Environ(), flags)
}
