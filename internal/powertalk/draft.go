package powertalk

import (
	"math"
	"strconv"

	"parlor/internal/chat"
	"parlor/internal/httpapi"
	"parlor/internal/service"
)

// maxText is longer than any text that is accepted, in bytes.
const maxText = 1 << 20

// DraftOf reads a message object of a client. Ids, times and states in it are the
// client's idea; only what is the sender's to say is taken.
func DraftOf(p *httpapi.Params) service.Draft {
	quote, reply, forward := p.Inner("quote"), p.Inner("replyTo"), p.Inner("forwardFrom")
	return service.Draft{
		ID:       chat.MessageID(p.LooseInt("messageID")),
		RoomID:   p.Inner("room").LooseText("roomID", 100),
		LocalID:  p.LooseText("localID", 100),
		Type:     chat.MessageType(p.LooseInt("type")),
		Body:     chat.Sealed(p.LooseText("body", maxText)),
		Data:     chat.Sealed(p.LooseText("data", maxText)),
		FilterID: p.LooseText("filterID", chat.MaxFilterID),
		Hidden:   p.IsTrue("isHidden"),
		Quote: chat.Quote{
			Title: quote.LooseText("title", chat.MaxQuoteTitle), Content: chat.Sealed(quote.LooseText("content", 4*chat.MaxQuoteContent)),
			ImageURL: quote.LooseText("imageURL", chat.MaxURL), FileID: quote.LooseText("fileID", chat.MaxQuoteFileID),
			FileType: quote.LooseText("fileType", chat.MaxQuoteFileType), VideoURL: quote.LooseText("videoURL", chat.MaxURL),
		},
		ReplyTo: referenceOf(reply), Forward: referenceOf(forward),
	}
}

func referenceOf(p *httpapi.Params) chat.Reference {
	r := chat.Reference{
		User: p.LooseText("userID", 20), XCUser: p.LooseText("xcUserID", 4*chat.MaxXCID),
		Fullname: p.LooseText("fullname", chat.MaxFullname), Message: p.LooseText("messageID", 20),
		LocalID: p.LooseText("localID", 64), Type: p.LooseInt("messageType"), RoomID: p.LooseText("roomID", 50),
	}
	if _, ok := chat.ParseUserID(r.User); !ok {
		r.User = "" // devices parse it without a guard
	}
	if n, err := strconv.ParseInt(r.Message, 10, 64); err != nil || n <= 0 {
		r.Message = ""
	}
	r.Type = max(0, min(r.Type, math.MaxInt32))
	return r
}
