variable "hub_role_arn" {
  description = "ARN of the role in the hub account (module github-role, output role_arn) that may assume this one."
  type        = string

  validation {
    condition     = can(regex("^arn:aws[a-z-]*:iam::[0-9]{12}:role/", var.hub_role_arn))
    error_message = "Give the ARN of a role: arn:aws:iam::123456789012:role/scanner-read-only."
  }
}

variable "role_name" {
  description = "Name of the role; the same in every member account."
  type        = string
  default     = "scanner-member-read-only"

  validation {
    condition     = can(regex("^[A-Za-z0-9_+=,.@-]{1,64}$", var.role_name))
    error_message = "A role's name has 1 to 64 letters, digits and _+=,.@- in it."
  }
}

variable "role_path" {
  description = "Path of the role's policies. The role itself is at / so that its ARN follows from account and name."
  type        = string
  default     = "/"

  validation {
    condition     = can(regex("^/([A-Za-z0-9_+=,.@-]+/)*$", var.role_path))
    error_message = "A path begins and ends with a slash: / or /security/."
  }
}

variable "external_id" {
  description = "External id that the hub role must present (the action's input external-id); null for none."
  type        = string
  default     = null

  validation {
    # sts:AssumeRole, parameter ExternalId.
    condition     = var.external_id == null || (length(coalesce(var.external_id, "x")) <= 1224 && can(regex("^[A-Za-z0-9_+=,.@:/-]{2,}$", var.external_id)))
    error_message = "An external id has 2 to 1,224 letters, digits and _+=,.@:/- in it."
  }
}

variable "permissions_boundary" {
  description = "ARN of a policy that bounds the role; null for none."
  type        = string
  default     = null

  validation {
    condition     = var.permissions_boundary == null || can(regex("^arn:aws[a-z-]*:iam::([0-9]{12}|aws):policy/", var.permissions_boundary))
    error_message = "Give the ARN of a policy: arn:aws:iam::123456789012:policy/boundary."
  }
}

variable "tags" {
  description = "Tags for everything that is created."
  type        = map(string)
  default     = {}
}

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

variable "security_hub" {
  description = "Whether the role may import findings into Security Hub of its account (scan --send-security-hub): the one right to write, in a policy of its own."
  type        = bool
  default     = false
}
