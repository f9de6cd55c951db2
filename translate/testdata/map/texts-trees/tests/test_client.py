x = "http://my-mailer:99"
