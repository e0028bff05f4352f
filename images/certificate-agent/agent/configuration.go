package main

import (
	"bytes"
	"crypto"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/go-acme/lego/v5/challenge"
)

// settings are what the generation's folder certificate-agent/ says, all of it in memory: the folder goes away with the next
// generation.
type settings struct {
	Directory    string   `json:"directory"`
	Contact      []string `json:"contact"`
	Profile      string   `json:"profile"`
	Roots        string   `json:"roots"`
	Resolver     string   `json:"resolver"`
	RedirectPort int      `json:"redirectPort"`
	Report       struct {
		Webhook string        `json:"webhook"`
		Mail    *mailSettings `json:"mail"`
	} `json:"report"`
	// Where names are proved by DNS-01.
	DNS *dnsSettings `json:"dns"`
	// Whether they are proved by DNS-PERSIST-01; without both by HTTP-01.
	DNSPersist bool            `json:"dnsPersist"`
	Orders     []orderSettings `json:"orders"`

	generation      string
	accountKey      crypto.Signer
	externalAccount *externalAccount
	roots           *x509.CertPool
}

type orderSettings struct {
	Name  string   `json:"name"`
	Names []string `json:"names"`
	// Whether others may have the key that the certificate before had, where that is another one.
	FormerKeyLeaked bool `json:"formerKeyLeaked"`

	request *x509.CertificateRequest
}

// dnsSettings say in which zone names are proved, and how that is changed: by Cloudflare's API, or else by DNS UPDATE.
type dnsSettings struct {
	Zone string `json:"zone"`
	// Its primary name server, "host:port".
	Server string `json:"server"`
	// Whether that one is the stack's own, and the only one.
	Own        bool `json:"own"`
	Cloudflare *struct {
		API string `json:"api"`
	} `json:"cloudflare"`

	secrets zoneSecrets
}

// zoneSecrets are good for that zone alone.
type zoneSecrets struct {
	TSIG  tsigKey `json:"tsig"`
	Token string  `json:"token"`
}

func (s *settings) method() challenge.Type {
	switch {
	case s.DNS != nil:
		return challenge.DNS01
	case s.DNSPersist:
		return challenge.DNSPersist01
	}
	return challenge.HTTP01
}

// externalAccount binds the ACME account to one that the authority knows by other means (RFC 8555 section 7.3.4).
type externalAccount struct {
	KeyID   string `json:"keyId"`
	HMACKey string `json:"hmacKey"`
}

const settingsFolder = "certificate-agent"

// One part of a path, and nothing hidden.
var orderName = regexp.MustCompile(`^[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?$`)
var hostName = regexp.MustCompile(`^[a-z0-9_](?:[a-z0-9_-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)+$`)

// readConfiguration reads everything, and returns all that is wrong with it.
func readConfiguration(folder string) (*settings, []string) {
	read := reader{folder: folder}
	result := &settings{}
	if target, err := filepath.EvalSymlinks(folder); err == nil {
		result.generation = target
		// What is read now is all of one generation, even if the link is switched meanwhile.
		read.folder = target
	}
	orders := settingsFolder + "/orders.json"
	if !read.json(orders, result) {
		return nil, read.problems
	}
	read.checkSettings(orders, result)
	result.accountKey = read.accountKey(settingsFolder + "/account.pem")
	if read.exists(settingsFolder + "/external-account.json") {
		result.externalAccount = &externalAccount{}
		file := settingsFolder + "/external-account.json"
		if read.json(file, result.externalAccount) &&
			(result.externalAccount.KeyID == "" || result.externalAccount.HMACKey == "") {
			read.problem(file, "keyId and hmacKey are needed, as the authority has shown them")
		}
	}
	if result.Roots != "" {
		result.roots = read.roots(result.Roots)
	}
	if result.DNS != nil {
		read.checkDNS(orders, result.DNS)
	}
	if result.DNS != nil && result.DNSPersist {
		read.problem(orders, "dns and dnsPersist are two methods, and names are proved by one")
	}
	for index := range result.Orders {
		order := &result.Orders[index]
		if orderName.MatchString(order.Name) {
			order.request = read.request(settingsFolder+"/"+order.Name+".csr", order.Names)
		}
	}
	return result, read.problems
}

type reader struct {
	folder   string
	problems []string
}

func (r *reader) problem(file, format string, values ...any) {
	r.problems = append(r.problems, file+": "+fmt.Sprintf(format, values...))
}

func (r *reader) exists(file string) bool {
	_, err := os.Stat(filepath.Join(r.folder, file))
	return err == nil
}

func (r *reader) bytes(file string) []byte {
	content, err := os.ReadFile(filepath.Join(r.folder, file))
	if errors.Is(err, os.ErrNotExist) {
		r.problem(file, "is missing")
		return nil
	}
	if err != nil {
		r.problem(file, "cannot be read: %s", err)
		return nil
	}
	return content
}

func (r *reader) json(file string, into any) bool {
	content := r.bytes(file)
	if content == nil {
		return false
	}
	if err := json.Unmarshal(content, into); err != nil {
		r.problem(file, "%s", err)
		return false
	}
	return true
}

func (r *reader) checkSettings(file string, s *settings) {
	if !isHTTPS(s.Directory) {
		r.problem(file, "directory %q is not an https URL", s.Directory)
	}
	if s.Report.Webhook != "" && !isWeb(s.Report.Webhook) {
		r.problem(file, "report.webhook is not a URL")
	}
	if mail := s.Report.Mail; mail != nil {
		if _, _, err := net.SplitHostPort(mail.Server); err != nil || len(mail.To) == 0 || mail.Host == "" {
			r.problem(file, "report.mail needs to, host, and a server with a port")
		}
	}
	if s.RedirectPort < 0 || s.RedirectPort > 65535 {
		r.problem(file, "redirectPort %d is not a port", s.RedirectPort)
	}
	if s.Resolver != "" {
		if _, _, err := net.SplitHostPort(s.Resolver); err != nil {
			r.problem(file, "resolver %q is not an address with a port", s.Resolver)
		}
	}
	seen := map[string]bool{}
	for _, order := range s.Orders {
		if !orderName.MatchString(order.Name) {
			r.problem(file, "the order's name %q cannot be a folder's", order.Name)
		}
		if seen[order.Name] {
			r.problem(file, "two orders are called %q", order.Name)
		}
		seen[order.Name] = true
		if len(order.Names) == 0 {
			r.problem(file, "the order %q names no host", order.Name)
		}
		for _, name := range order.Names {
			if strings.HasPrefix(name, "*.") {
				// RFC 8555 section 7.1.3: a wildcard is proved by DNS alone; no server here answers at one.
				r.problem(file, "%q in the order %q is a wildcard, which HTTP-01 cannot prove", name, order.Name)
			} else if !hostName.MatchString(name) {
				r.problem(file, "%q in the order %q is not a host name in lower case", name, order.Name)
			}
		}
	}
}

func (r *reader) checkDNS(file string, s *dnsSettings) {
	if !hostName.MatchString(s.Zone) {
		r.problem(file, "dns.zone %q is not a zone's name in lower case", s.Zone)
	}
	secrets := settingsFolder + "/zone.json"
	if !r.json(secrets, &s.secrets) {
		return
	}
	if s.Cloudflare != nil {
		if !isWeb(s.Cloudflare.API) {
			r.problem(file, "dns.cloudflare.api %q is not a URL", s.Cloudflare.API)
		}
		if s.secrets.Token == "" {
			r.problem(secrets, "token is needed")
		}
		return
	}
	if _, _, err := net.SplitHostPort(s.Server); err != nil {
		r.problem(file, "dns.server %q is not a host with a port", s.Server)
	}
	if s.secrets.TSIG.Name == "" || s.secrets.TSIG.Algorithm == "" {
		r.problem(secrets, "tsig.name and tsig.algorithm are needed")
	}
	if _, err := base64.StdEncoding.DecodeString(s.secrets.TSIG.Secret); err != nil || s.secrets.TSIG.Secret == "" {
		r.problem(secrets, "tsig.secret is not base64")
	}
}

func (r *reader) accountKey(file string) crypto.Signer {
	block := r.block(file, "PRIVATE KEY")
	if block == nil {
		return nil
	}
	key, err := x509.ParsePKCS8PrivateKey(block)
	if err != nil {
		r.problem(file, "is not a key in PKCS#8: %s", err)
		return nil
	}
	signer, ok := key.(crypto.Signer)
	if !ok {
		r.problem(file, "is not a key that can sign")
		return nil
	}
	return signer
}

func (r *reader) request(file string, names []string) *x509.CertificateRequest {
	block := r.block(file, "CERTIFICATE REQUEST")
	if block == nil {
		return nil
	}
	request, err := x509.ParseCertificateRequest(block)
	if err == nil {
		err = request.CheckSignature()
	}
	if err != nil {
		r.problem(file, "is not a certificate request: %s", err)
		return nil
	}
	if !slices.Equal(sorted(request.DNSNames), sorted(names)) {
		r.problem(file, "asks for %s, but its order is for %s",
			strings.Join(request.DNSNames, ", "), strings.Join(names, ", "))
		return nil
	}
	return request
}

func (r *reader) roots(file string) *x509.CertPool {
	content := r.bytes(file)
	if content == nil {
		return nil
	}
	pool, err := x509.SystemCertPool()
	if err != nil {
		pool = x509.NewCertPool()
	}
	if !pool.AppendCertsFromPEM(content) {
		r.problem(file, "holds no certificate")
	}
	return pool
}

func (r *reader) block(file, kind string) []byte {
	content := r.bytes(file)
	if content == nil {
		return nil
	}
	block, _ := pem.Decode(bytes.TrimSpace(content))
	if block == nil || block.Type != kind {
		r.problem(file, "is not PEM with a %s", kind)
		return nil
	}
	return block.Bytes
}

func sorted(names []string) []string {
	return slices.Sorted(slices.Values(names))
}

func isHTTPS(text string) bool {
	parsed, err := url.Parse(text)
	return err == nil && parsed.Scheme == "https" && parsed.Host != ""
}

func isWeb(text string) bool {
	parsed, err := url.Parse(text)
	return err == nil && (parsed.Scheme == "https" || parsed.Scheme == "http") && parsed.Host != ""
}
