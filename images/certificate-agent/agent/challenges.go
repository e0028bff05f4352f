package main

import (
	"context"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/go-acme/lego/v5/challenge/http01"
)

// challengeServer answers HTTP-01 challenges (RFC 8555 section 8.3) and leads everything else to HTTPS.
type challengeServer struct {
	mutex   sync.RWMutex
	answers map[string]string
	// Zero where nobody serves HTTPS.
	httpsPort atomic.Int64
}

// Strangers reach this port: what they can hold is bounded.
const (
	maxConnections = 200
	maxHeaderBytes = 8 << 10
	patience       = 10 * time.Second
)

func newChallengeServer() *challengeServer {
	return &challengeServer{answers: map[string]string{}}
}

func (c *challengeServer) redirectTo(port int) { c.httpsPort.Store(int64(port)) }

func (c *challengeServer) listen(address string) error {
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return err
	}
	server := &http.Server{
		Handler:           c,
		ReadTimeout:       patience,
		ReadHeaderTimeout: patience,
		WriteTimeout:      patience,
		IdleTimeout:       patience,
		MaxHeaderBytes:    maxHeaderBytes,
	}
	// Connections close after an answer: an authority asks once, and a browser is led elsewhere.
	server.SetKeepAlivesEnabled(false)
	go server.Serve(&boundedListener{Listener: listener, free: make(chan struct{}, maxConnections)})
	return nil
}

// Present and CleanUp make it a challenge.Provider.
func (c *challengeServer) Present(_ context.Context, _, token, keyAuthorization string) error {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	c.answers[token] = keyAuthorization
	return nil
}

func (c *challengeServer) CleanUp(_ context.Context, _, token, _ string) error {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	delete(c.answers, token)
	return nil
}

func (c *challengeServer) ServeHTTP(response http.ResponseWriter, request *http.Request) {
	if request.Method != http.MethodGet && request.Method != http.MethodHead {
		response.Header().Set("Allow", "GET, HEAD")
		response.WriteHeader(http.StatusMethodNotAllowed)
		return
	}
	if token, ok := strings.CutPrefix(request.URL.Path, http01.PathPrefix); ok {
		c.mutex.RLock()
		answer, known := c.answers[token]
		c.mutex.RUnlock()
		if !known {
			response.WriteHeader(http.StatusNotFound)
			return
		}
		response.Header().Set("Content-Type", "application/octet-stream")
		response.Write([]byte(answer))
		return
	}
	port := c.httpsPort.Load()
	host := request.Host
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	// An answer that names whatever was asked for would help to deceive: only a host name is repeated.
	if port == 0 || !hostName.MatchString(strings.ToLower(host)) {
		response.WriteHeader(http.StatusNotFound)
		return
	}
	if port != 443 {
		host = net.JoinHostPort(host, strconv.FormatInt(port, 10))
	}
	response.Header().Set("Location", "https://"+host+request.URL.RequestURI())
	response.WriteHeader(http.StatusPermanentRedirect)
}

// boundedListener accepts no connection while too many are open.
type boundedListener struct {
	net.Listener
	free chan struct{}
}

func (b *boundedListener) Accept() (net.Conn, error) {
	b.free <- struct{}{}
	connection, err := b.Listener.Accept()
	if err != nil {
		<-b.free
		return nil, err
	}
	return &boundedConnection{Conn: connection, free: b.free}, nil
}

type boundedConnection struct {
	net.Conn
	free chan struct{}
	once sync.Once
}

func (b *boundedConnection) Close() error {
	b.once.Do(func() { <-b.free })
	return b.Conn.Close()
}
