package apns

import (
	"encoding/json"
	"fmt"
	"net/http"

	"parlor/internal/push"
)

// reasonOf is Apple's word for why something was not sent, "" where an answer has none.
func reasonOf(answer []byte) string {
	var a struct {
		Reason string `json:"reason"`
	}
	_ = json.Unmarshal(answer, &a) // what is no answer of Apple's has no word
	return a.Reason
}

// classify says what an answer other than 200 means. A status alone kills no target: that of a
// proxy must not have all of them forgotten.
func classify(status int, reason string) push.Result {
	r := push.Result{Outcome: push.Bad, Reason: push.Word(fmt.Sprintf("HTTP %d %s", status, reason))}
	switch reason {
	case "Unregistered", "BadDeviceToken", "ExpiredToken":
		r.Outcome = push.Dead
		return r
	case "DeviceTokenNotForTopic", "BadTopic", "TopicDisallowed", "MissingTopic", "BadCertificate",
		"BadCertificateEnvironment", "BadEnvironmentKeyInToken", "InvalidProviderToken", "MissingProviderToken",
		"ExpiredProviderToken", "UnrelatedKeyIdInToken", "BadEnvironmentKeyIdInToken", "Forbidden":
		r.Outcome = push.Refused
		return r
	}
	switch {
	case status == http.StatusTooManyRequests, status >= http.StatusInternalServerError, status == http.StatusRequestTimeout:
		r.Outcome = push.Later
	case status == http.StatusUnauthorized, status == http.StatusForbidden, reason == "":
		r.Outcome = push.Refused // or not Apple at all
	}
	return r
}
