package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// unfinished marks a file that is being written. A reader never looks at one, and a start removes them.
const unfinished = ".unfinished-"

// writeWhole replaces a file so that every reader, also after a kill or a power cut, sees all of the old one or all of the
// new one: written beside it, brought to the disk, renamed, and the folder brought to the disk.
func writeWhole(path string, content []byte) (err error) {
	folder := filepath.Dir(path)
	file, err := os.CreateTemp(folder, unfinished+"*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			os.Remove(file.Name())
			err = fmt.Errorf("%s cannot be written: %w", path, err)
		}
	}()
	if _, err = file.Write(content); err != nil {
		file.Close()
		return err
	}
	// Nothing in it is secret, and the servers' users are many.
	if err = file.Chmod(0o644); err == nil {
		err = file.Sync()
	}
	if closed := file.Close(); err == nil {
		err = closed
	}
	if err != nil {
		return err
	}
	if err = os.Rename(file.Name(), path); err != nil {
		return err
	}
	return syncFolder(folder)
}

func writeJSON(path string, value any) error {
	content, err := json.MarshalIndent(value, "", "  ")
	if err != nil {
		return err
	}
	return writeWhole(path, append(content, '\n'))
}

func syncFolder(folder string) error {
	opened, err := os.Open(folder)
	if err != nil {
		return err
	}
	defer opened.Close()
	return opened.Sync()
}

// removeUnfinished removes what a kill has left in the folder.
func removeUnfinished(folder string) {
	entries, _ := os.ReadDir(folder)
	for _, entry := range entries {
		if strings.HasPrefix(entry.Name(), unfinished) {
			os.Remove(filepath.Join(folder, entry.Name()))
		}
	}
}
