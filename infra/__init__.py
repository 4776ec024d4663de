"""What builds, deploys and operates the service. Never imported by what ships."""
