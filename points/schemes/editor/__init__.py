"""The scheme editor of the back office: drafts, forms for the parts, try-it, preview, approval."""
