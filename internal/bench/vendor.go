package bench

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"os"
	"time"
)

const (
	vendorProject = "parlor-bench"
	vendorToken   = "a token of the vendor"
	// vendorBody bounds a notification, in bytes.
	vendorBody = 64 << 10
)

// vendor stands in for FCM, in this process: it gives tokens and takes notifications over HTTP/2
// with TLS, as FCM's HTTP v1 API does, and answers at once.
type vendor struct {
	settings []string // by which a server sends to it
	// taken is told the localID of each notification's message, from many goroutines.
	taken func(localID string)
}

// startVendor starts one, which ends with the rig.
func (g *rig) startVendor(ctx context.Context, taken func(localID string)) (*vendor, error) {
	ln, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	v := &vendor{taken: taken}
	cert, err := v.writeFiles(g, "https://"+ln.Addr().String())
	if err != nil {
		return nil, errors.Join(err, ln.Close())
	}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /token", v.giveToken)
	mux.HandleFunc("POST /v1/projects/"+vendorProject+"/{send}", v.take)
	srv := &http.Server{
		Handler: mux, ReadHeaderTimeout: callTimeout,
		TLSConfig: &tls.Config{Certificates: []tls.Certificate{cert}, MinVersion: tls.VersionTLS12},
	}
	ended := make(chan error, 1)
	go func() { ended <- srv.ServeTLS(ln, "", "") }() // ends with the rig
	g.closers = append(g.closers, func() error {
		err := srv.Close()
		if end := <-ended; !errors.Is(end, http.ErrServerClosed) {
			err = errors.Join(err, end)
		}
		return err
	})
	return v, nil
}

// writeFiles makes the certificate of the vendor and the key of an account at it, and what a server
// is to be told of them.
func (v *vendor) writeFiles(g *rig, url string) (cert tls.Certificate, err error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return cert, err
	}
	account, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return cert, err
	}
	now := time.Now()
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotBefore: now.Add(-time.Hour), NotAfter: now.Add(48 * time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		return cert, err
	}
	pkcs8, err := x509.MarshalPKCS8PrivateKey(account)
	if err != nil {
		return cert, err
	}
	credentials := jsonBody(nil, map[string]any{
		"type": "service_account", "project_id": vendorProject, "private_key_id": "1",
		"client_email": "bench@" + vendorProject + ".example", "token_uri": url + "/token",
		"private_key": string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: pkcs8})),
	})
	certFile, accountFile := g.folder("vendor.pem"), g.folder("account.json")
	err = errors.Join(
		os.WriteFile(certFile, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600),
		os.WriteFile(accountFile, credentials, 0o600))
	v.settings = []string{"SSL_CERT_FILE=" + certFile, "PARLOR_FCM_CREDENTIALS=" + accountFile, "PARLOR_FCM_URL=" + url}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, err
}

// giveToken is the token service. That it is asked in the right way is tested elsewhere.
func (v *vendor) giveToken(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	_, _ = fmt.Fprintf(w, `{"access_token":%q,"expires_in":3599,"token_type":"Bearer"}`, vendorToken) // or nobody waits
}

// take takes a notification, as messages:send does.
func (v *vendor) take(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, vendorBody))
	var in struct {
		Message struct {
			Token string
			Data  struct{ Body string } // the message, as JSON
		}
	}
	switch {
	case r.Header.Get("Authorization") != "Bearer "+vendorToken:
		http.Error(w, `{"error":{"code":401,"status":"UNAUTHENTICATED"}}`, http.StatusUnauthorized)
		return
	case err != nil || json.Unmarshal(body, &in) != nil || in.Message.Token == "" || r.PathValue("send") != "messages:send":
		http.Error(w, `{"error":{"code":400,"status":"INVALID_ARGUMENT"}}`, http.StatusBadRequest)
		return
	}
	v.taken(localIDOf([]byte(in.Message.Data.Body)))
	w.Header().Set("Content-Type", "application/json")
	_, _ = io.Copy(w, bytes.NewReader([]byte(`{"name":"projects/`+vendorProject+`/messages/1"}`))) // or nobody waits
}
