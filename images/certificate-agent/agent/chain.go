package main

import (
	"bytes"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// chain is a certificate with its intermediates, the server's own first.
type chain struct {
	pem          []byte
	certificates []*x509.Certificate
}

// parseChain refuses whatever is not whole.
func parseChain(content []byte) (*chain, error) {
	parsed := &chain{pem: content}
	for rest := bytes.TrimSpace(content); len(rest) > 0; rest = bytes.TrimSpace(rest) {
		block, remaining := pem.Decode(rest)
		if block == nil || block.Type != "CERTIFICATE" {
			return nil, errors.New("it is not made of whole certificates")
		}
		certificate, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return nil, err
		}
		parsed.certificates = append(parsed.certificates, certificate)
		rest = remaining
	}
	if len(parsed.certificates) == 0 {
		return nil, errors.New("it holds no certificate")
	}
	for index, certificate := range parsed.certificates[1:] {
		if err := parsed.certificates[index].CheckSignatureFrom(certificate); err != nil {
			return nil, fmt.Errorf("certificate %d was not signed by the one after it: %w", index+1, err)
		}
	}
	return parsed, nil
}

func (c *chain) leaf() *x509.Certificate { return c.certificates[0] }

// answers is an error unless the certificate is for the request's key and all of its names.
func (c *chain) answers(request *x509.CertificateRequest) error {
	if !bytes.Equal(c.leaf().RawSubjectPublicKeyInfo, request.RawSubjectPublicKeyInfo) {
		return errors.New("its key is not the one of the request")
	}
	got, wanted := sorted(c.leaf().DNSNames), sorted(request.DNSNames)
	if !slices.Equal(got, wanted) {
		return fmt.Errorf("it is for %s, not for %s", strings.Join(got, ", "), strings.Join(wanted, ", "))
	}
	return nil
}

func (c *chain) serial() string {
	return strings.ToUpper(hex.EncodeToString(c.leaf().SerialNumber.Bytes()))
}

func (c *chain) lifetime() time.Duration {
	return c.leaf().NotAfter.Sub(c.leaf().NotBefore)
}

// atShare is the moment at which that share of the lifetime is over.
func (c *chain) atShare(part, whole int64) time.Time {
	return c.leaf().NotBefore.Add(c.lifetime() / time.Duration(whole) * time.Duration(part)).UTC()
}
