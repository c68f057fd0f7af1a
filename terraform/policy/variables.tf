variable "evidence" {
  description = "Whether the role may look for proof that logs arrive: metrics of CloudWatch, and the keys of the buckets in evidence_buckets."
  type        = bool
  default     = true
}

variable "evidence_buckets" {
  description = "Names of the buckets that logs are delivered into. Their keys may be listed, one page a source and day; their objects may not be read."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for bucket in var.evidence_buckets : can(regex("^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$", bucket))])
    error_message = "Name buckets without s3:// and without a prefix; none may stand for any other."
  }
}
