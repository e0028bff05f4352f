package main

import (
	"context"
	"errors"

	"github.com/go-acme/lego/v5/acme"
	"github.com/go-acme/lego/v5/acme/api"
)

// findAccount returns the URL of the key's account, once per conversation.
func (a *authority) findAccount(ctx context.Context, s *settings) (string, error) {
	a.mutex.Lock()
	defer a.mutex.Unlock()
	if a.account != "" {
		return a.account, nil
	}
	found, err := findOrMakeAccount(ctx, a.core, s)
	if err == nil {
		a.account = found
	}
	return found, err
}

// findOrMakeAccount asks for the account of the key (RFC 8555 section 7.3.1), and makes one where there is none: an authority
// may have forgotten it.
func findOrMakeAccount(ctx context.Context, core *api.Core, s *settings) (string, error) {
	found, err := core.Accounts.New(ctx, acme.Account{OnlyReturnExisting: true})
	if err == nil {
		if found.Status != "" && found.Status != acme.StatusValid {
			return "", &problem{
				Type:   acme.UnauthorizedErrorType,
				Detail: "the account " + found.Location + " is " + found.Status + "; another account key is needed",
				Nature: refused,
			}
		}
		return found.Location, nil
	}
	if !isUnknownAccount(err) {
		return "", err
	}
	// To have this agent order is to agree (section 7.3.3): the settings are accepted only with the agreement.
	wanted := acme.Account{TermsOfServiceAgreed: true, Contact: s.Contact}
	var made acme.ExtendedAccount
	if binding := s.externalAccount; binding != nil {
		made, err = core.Accounts.NewEAB(ctx, wanted, binding.KeyID, binding.HMACKey)
	} else {
		made, err = core.Accounts.New(ctx, wanted)
	}
	if err != nil {
		return "", err
	}
	return made.Location, nil
}

func isUnknownAccount(err error) bool {
	details, ok := errors.AsType[*acme.ProblemDetails](err)
	return ok && details.Type == acme.AccountDoesNotExistErrorType
}
