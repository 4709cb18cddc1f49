package e2e

// The objects of answers. Their keys are those of the API's description, to which call
// holds every answer; encoding/json takes no notice of case.
type (
	image struct{ Thumbnail, Fullsize string }

	role struct{ Code, Name, IconURL string }

	room struct {
		RoomID, XCRoomID, Name string
		Type                   int
		ImageURL               image
		Color                  string
		IsLocked               bool
		LockedTime             int64
		Deleted                int64
		IsDeleted              bool
	}

	participant struct {
		UserID, XCUserID, Fullname, Email string
		IsEmailVerified                   bool
		CountryID                         int
		CountryCallingCode                string
		Phone, PhoneWithCode              string
		IsPhoneVerified                   bool
		Username                          string
		ImageURL                          image
		UserRole                          role
		LastLogin, LastActivity           int64
		IsOnline                          bool
		Created, Updated                  int64
		Deleted                           int64 // of a message's sender only
	}

	roomData struct {
		Room              room
		Participants      []participant
		AdminUserIDs      []string
		ParticipantsTotal int
		SkippedXCUserIDs  []string // of changes only

		ParticipantsIgnored bool
	}

	message struct {
		MessageID, LocalID   string
		Type                 int
		Body, Data, FilterID string
		IsHidden             bool
		Quote                struct{ Title, Content, ImageURL, FileID, FileType string }
		ReplyTo              struct {
			UserID, XCUserID, Fullname, MessageID, LocalID string
			MessageType                                    int
		}
		ForwardFrom               struct{ UserID, XCUserID, Fullname, MessageID, LocalID string }
		Room                      room
		User                      participant
		RecipientID               string
		Action                    string
		Target                    struct{ TargetType, TargetID, TargetXCID, TargetName string }
		IsSending                 bool
		IsDelivered, IsRead       bool
		IsDeleted                 bool
		Created, Updated, Deleted int64
	}

	summary struct {
		LastMessage message
		UnreadCount int
	}

	roomList struct {
		Rooms   []summary
		HasMore bool
	}

	sent struct {
		Success bool
		Message string
		LocalID string

		Repeated, ContentDiffers bool
	}

	result struct {
		Success bool
		Message string
	}
)

// xcUserIDs are the customer's ids of people, in their order.
func xcUserIDs(people []participant) []string {
	ids := []string{}
	for _, p := range people {
		ids = append(ids, p.XCUserID)
	}
	return ids
}

// xcRoomIDs are the customer's ids of rooms, in their order.
func xcRoomIDs(rooms []summary) []string {
	ids := []string{}
	for _, r := range rooms {
		ids = append(ids, r.LastMessage.Room.XCRoomID)
	}
	return ids
}
