package service

import (
	"context"
	"errors"

	"parlor/internal/job"
)

// inParts does the parts of a job in turn. What is left when its lease is nearly over is done by whoever leases the job
// next, at once.
func inParts(ctx context.Context, parts ...func(context.Context) error) error {
	for _, part := range parts {
		err := part(ctx)
		if errors.Is(err, context.DeadlineExceeded) {
			return job.RetryAfter(0, err)
		}
		if err != nil {
			return err
		}
	}
	return nil
}
