variable "hub_role_arn" {
  description = "ARN of the role in the hub account (module github-role, output role_arn)."
  type        = string
}

variable "organizational_unit_ids" {
  description = "Roots or organizational units whose accounts get the role; new accounts get it by themselves."
  type        = list(string)

  validation {
    condition     = length(var.organizational_unit_ids) > 0
    error_message = "Name at least one root (r-...) or organizational unit (ou-...)."
  }
}

variable "role_name" {
  description = "Name of the role in member accounts."
  type        = string
  default     = "scanner-member-read-only"
}

variable "external_id" {
  description = "External id that the hub role must present; null for none."
  type        = string
  default     = null
}

variable "call_as" {
  description = "SELF from the management account, DELEGATED_ADMIN from a delegated administrator."
  type        = string
  default     = "SELF"
}

variable "region" {
  description = "Region in which the stack instances live; IAM itself is global."
  type        = string
  default     = "us-east-1"
}

variable "tags" {
  description = "Tags for the stack set."
  type        = map(string)
  default     = {}
}
