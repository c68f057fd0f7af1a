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
}

variable "role_path" {
  description = "Path of the role's policies. The role itself is at / so that its ARN follows from account and name."
  type        = string
  default     = "/"
}

variable "external_id" {
  description = "External id that the hub role must present (the action's input external-id); null for none."
  type        = string
  default     = null
}

variable "permissions_boundary" {
  description = "ARN of a policy that bounds the role; null for none."
  type        = string
  default     = null
}

variable "tags" {
  description = "Tags for everything that is created."
  type        = map(string)
  default     = {}
}
