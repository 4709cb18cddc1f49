package chat

// Sizes of what a caller may store. Characters are Unicode code points.
// docs/protocol.md, "Limits", lists them for integrators.
const (
	MaxXCID        = 50  // characters of an xcRoomID or xcUserID
	MaxRoomName    = 500 // characters
	MaxFullname    = 255 // characters
	MaxEmail       = 255 // characters
	MaxPhone       = 50  // characters
	MaxUsername    = 100 // characters
	MaxCallingCode = 6   // digits
	MaxCountryID   = 2_147_483_647
	MaxBio         = 1_000 // characters
	MaxColor       = 9     // characters
	MaxPhones      = 5_000 // phone numbers in one call

	MaxReportCategory = 255     // characters
	MaxReportReason   = 4_000   // characters
	MaxReportNote     = 4_000   // characters
	MaxReportResolver = 255     // characters
	MaxURL            = 2048    // characters
	MaxTags           = 100     // tags of a room
	MaxTag            = 255     // characters of a tag
	MaxRoomRoles      = 100     // roles of a room
	MaxRoleCode       = 100     // characters
	MaxRoleName       = 255     // characters
	MaxIDs            = 10_000  // ids or contacts in one call
	MaxFilterID       = 255     // characters
	MaxQuoteTitle     = 1_000   // characters
	MaxQuoteContent   = 10_000  // characters
	MaxQuoteFileID    = 255     // characters
	MaxQuoteFileType  = 50      // characters
	MaxBody           = 400_000 // UTF-16 units of a message body before it is split
	BodyPart          = 4_000   // UTF-16 units of one message; SDKs split at the same place
	MaxData           = 256 << 10
	MaxAppName        = 100 // characters
	MaxKeyID          = 64  // characters
	MaxAnswer         = 10_000
	MaxFileName       = 255   // characters; what is longer is cut
	MaxCaption        = 4_000 // characters
	MaxPhotos         = 100   // of a user
)
