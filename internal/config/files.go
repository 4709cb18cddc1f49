package config

import (
	"fmt"
	"net/url"
	"path/filepath"
	"regexp"
	"strings"
)

// NoFiles is the value of Files with which no files are kept.
const NoFiles = "none"

// bucketScheme is what Files begins with where it names a bucket.
const bucketScheme = "s3://"

// FilesFolder is the folder in which the content of files is, "" where none are kept, or in a bucket.
// Several nodes have no folder in common unless one is named.
func (c Config) FilesFolder() string {
	switch {
	case c.Files == NoFiles, c.Files == "" && c.NATS != "", strings.HasPrefix(c.Files, bucketScheme):
		return ""
	case c.Files != "":
		return c.Files
	}
	return filepath.Join(c.Data, "files")
}

// FilesBucket is the bucket in which the content of files is, "" for none, and what their keys begin
// with: nothing, or something with a slash at its end.
func (c Config) FilesBucket() (bucket, prefix string) {
	address, ok := strings.CutPrefix(c.Files, bucketScheme)
	if !ok {
		return "", ""
	}
	bucket, prefix, _ = strings.Cut(address, "/")
	if prefix = strings.TrimSuffix(prefix, "/"); prefix != "" {
		prefix += "/"
	}
	return bucket, prefix
}

// SpoolFolder is where uploads wait that go into a bucket.
func (c Config) SpoolFolder() string { return filepath.Join(c.Data, "spool") }

func (c Config) validateFiles() error {
	if c.PublicURL != "" {
		u, err := url.Parse(c.PublicURL)
		if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.User != nil || u.RawQuery != "" ||
			u.Fragment != "" || len(c.PublicURL) > maxPublicURL {
			return fmt.Errorf("public-url: want https://host, or http://host:port/path, without a query; leave it empty if devices reach no address")
		}
	}
	if c.MaxFileSize < 1024 || c.MaxFileSize > maxFileSize {
		return fmt.Errorf("max-file-size: want 1024 to %d bytes", int64(maxFileSize))
	}
	if c.AppFileQuota < 0 || c.UserFileQuota < 0 {
		return fmt.Errorf("app-file-quota, user-file-quota: want a number of bytes, 0 for no bound")
	}
	return c.validateBucket()
}

var (
	bucketName = regexp.MustCompile(`^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$`)
	// keyPrefix has no empty part in it, and none that begins with a dot.
	keyPrefix = regexp.MustCompile(`^([A-Za-z0-9_-][A-Za-z0-9._-]*/)*$`)
)

func (c Config) validateBucket() error {
	if c.S3Endpoint != "" {
		u, err := url.Parse(c.S3Endpoint)
		if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.User != nil ||
			strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.Fragment != "" {
			return fmt.Errorf("s3-endpoint: want https://host or http://host:port; the bucket's name is in files")
		}
	}
	if strings.Contains(c.Files, "://") && !strings.HasPrefix(c.Files, bucketScheme) {
		return fmt.Errorf("files: want a folder, s3://bucket/prefix, or none")
	}
	if !strings.HasPrefix(c.Files, bucketScheme) {
		return nil
	}
	bucket, prefix := c.FilesBucket()
	if !bucketName.MatchString(bucket) || !keyPrefix.MatchString(prefix) || len(prefix) > maxPrefix {
		return fmt.Errorf("files: want s3://bucket or s3://bucket/prefix: the bucket with 3 to 63 of a-z, 0-9, dots and hyphens,"+
			" the prefix with up to %d letters, digits, dots, hyphens, underscores and slashes", maxPrefix)
	}
	for _, needed := range []struct{ name, value string }{
		{"s3-endpoint", c.S3Endpoint}, {"s3-region", c.S3Region}, {"s3-key-id", c.S3KeyID}, {"s3-secret", c.S3Secret},
	} {
		if needed.value == "" {
			return fmt.Errorf("%s: is needed as well, where files is in a bucket", needed.name)
		}
	}
	if c.Data == "" {
		return fmt.Errorf("data: name a folder in which uploads wait until they are in the bucket")
	}
	return nil
}

const (
	maxPublicURL = 1000    // characters
	maxFileSize  = 2 << 30 // bytes
	maxPrefix    = 200     // characters
)
