package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"sync"
	"time"
)

// cloudflareZone puts proofs into a zone by Cloudflare's API, with a token that is for this zone alone.
type cloudflareZone struct {
	// Of the API, without a slash at the end.
	api   string
	zone  string
	token string

	client *http.Client
	mutex  sync.Mutex
	id     string
	// The ids of records by owner and value.
	made map[string]string
}

// identicalRecord is Cloudflare's code for a record that is there already, from an attempt that was cut short.
const identicalRecord = 81058

var errIdentical = errors.New("the record is there already")

func newCloudflareZone(api, zone, token string) *cloudflareZone {
	client := &http.Client{Timeout: 30 * time.Second}
	return &cloudflareZone{api: api, zone: zone, token: token, client: client, made: map[string]string{}}
}

func (c *cloudflareZone) put(ctx context.Context, owner, value string) error {
	zone, err := c.find(ctx)
	if err != nil {
		return err
	}
	var record struct {
		ID string `json:"id"`
	}
	// Its lowest TTL is a minute.
	content := map[string]any{"type": "TXT", "name": owner, "content": `"` + value + `"`, "ttl": 60}
	err = c.call(ctx, http.MethodPost, "/zones/"+zone+"/dns_records", content, &record)
	if errors.Is(err, errIdentical) {
		return nil
	}
	if err != nil {
		return err
	}
	c.mutex.Lock()
	defer c.mutex.Unlock()
	c.made[owner+" "+value] = record.ID
	return nil
}

func (c *cloudflareZone) remove(ctx context.Context, owner, value string) error {
	c.mutex.Lock()
	zone, record := c.id, c.made[owner+" "+value]
	delete(c.made, owner+" "+value)
	c.mutex.Unlock()
	if record == "" {
		return nil
	}
	return c.call(ctx, http.MethodDelete, "/zones/"+zone+"/dns_records/"+record, nil, nil)
}

// find asks for the zone's id, once.
func (c *cloudflareZone) find(ctx context.Context) (string, error) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	if c.id != "" {
		return c.id, nil
	}
	var zones []struct {
		ID string `json:"id"`
	}
	if err := c.call(ctx, http.MethodGet, "/zones?name="+url.QueryEscape(c.zone), nil, &zones); err != nil {
		return "", err
	}
	if len(zones) == 0 {
		detail := fmt.Sprintf("the token is not for the zone %s at Cloudflare: it needs Zone: Read and DNS: Edit for it, and for no other", c.zone)
		return "", &problem{Type: zoneProblem, Detail: detail, Nature: forbidden}
	}
	c.id = zones[0].ID
	return c.id, nil
}

func (c *cloudflareZone) call(ctx context.Context, method, path string, content, result any) error {
	body := &bytes.Buffer{}
	if content != nil {
		if err := json.NewEncoder(body).Encode(content); err != nil {
			return err
		}
	}
	request, err := http.NewRequestWithContext(ctx, method, c.api+path, body)
	if err != nil {
		return err
	}
	// A server may close a connection that is kept just as it is used again, and a proof would stay in the zone.
	request.Close = true
	request.Header.Set("Authorization", "Bearer "+c.token)
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("User-Agent", "maildomain/"+version)
	response, err := c.client.Do(request)
	if err != nil {
		return &problem{Type: zoneProblem, Detail: "Cloudflare's API cannot be reached: " + plain(err), Nature: temporary}
	}
	defer response.Body.Close()
	var answer struct {
		Success bool            `json:"success"`
		Result  json.RawMessage `json:"result"`
		Errors  []struct {
			Code    int    `json:"code"`
			Message string `json:"message"`
		} `json:"errors"`
	}
	err = json.NewDecoder(io.LimitReader(response.Body, 1<<20)).Decode(&answer)
	if err == nil && answer.Success {
		if result == nil {
			return nil
		}
		return json.Unmarshal(answer.Result, result)
	}
	why := response.Status
	if len(answer.Errors) > 0 {
		if answer.Errors[0].Code == identicalRecord {
			return errIdentical
		}
		why = fmt.Sprintf("%s (%d)", answer.Errors[0].Message, answer.Errors[0].Code)
	}
	refusal := &problem{Type: zoneProblem, Detail: "Cloudflare's API refuses a change of the zone " + c.zone + ": " + why, Nature: forbidden}
	if response.StatusCode >= 500 || response.StatusCode == http.StatusTooManyRequests {
		refusal.Nature, refusal.retryAfter = temporary, retryAfter(response.Header)
	}
	return refusal
}
